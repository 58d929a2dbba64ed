namespace Gridtally.Cosem.Apdus;

#pragma warning disable CS1591 // each name is the standard's own

/// <summary>Second octet of a get-request.</summary>
/// <remarks>Get-Request, IEC 62056-5-3.</remarks>
public enum GetRequestKind : byte { Normal = 1, Next = 2, WithList = 3 }

/// <summary>Second octet of a get-response.</summary>
/// <remarks>Get-Response, IEC 62056-5-3.</remarks>
public enum GetResponseKind : byte { Normal = 1, WithDatablock = 2, WithList = 3 }

/// <summary>Second octet of a set-request.</summary>
/// <remarks>Set-Request, IEC 62056-5-3.</remarks>
public enum SetRequestKind : byte { Normal = 1, WithFirstDatablock = 2, WithDatablock = 3, WithList = 4, WithListAndFirstDatablock = 5 }

/// <summary>Second octet of a set-response.</summary>
/// <remarks>Set-Response, IEC 62056-5-3.</remarks>
public enum SetResponseKind : byte { Normal = 1, Datablock = 2, LastDatablock = 3, LastDatablockWithList = 4, WithList = 5 }

/// <summary>Second octet of an action-request.</summary>
/// <remarks>Action-Request, IEC 62056-5-3.</remarks>
public enum ActionRequestKind : byte { Normal = 1, NextPblock = 2, WithList = 3, WithFirstPblock = 4, WithListAndFirstPblock = 5, WithPblock = 6 }

/// <summary>Second octet of an action-response.</summary>
/// <remarks>Action-Response, IEC 62056-5-3.</remarks>
public enum ActionResponseKind : byte { Normal = 1, WithPblock = 2, WithList = 3, NextPblock = 4 }

#pragma warning restore CS1591

/// <summary>Invoke-id-and-priority: which request a response answers.</summary>
/// <param name="Value">The octet as sent.</param>
/// <remarks>Invoke-Id-And-Priority, IEC 62056-5-3. Responses copy the octet.</remarks>
public readonly record struct InvokeIdAndPriority(byte Value)
{
    /// <summary>0..15.</summary>
    public byte Id => (byte)(Value & 0x0F);

    /// <summary>False for a request that wants no answer (broadcast).</summary>
    public bool Confirmed => (Value & 0x40) != 0;

    /// <summary>True for a request that overtakes others.</summary>
    public bool HighPriority => (Value & 0x80) != 0;

    /// <summary>Puts the fields together; bits of <paramref name="id"/> above 3 are left out.</summary>
    public static InvokeIdAndPriority Of(int id, bool confirmed, bool highPriority) => new((byte)((id & 0x0F) | (confirmed ? 0x40 : 0) | (highPriority ? 0x80 : 0)));

    /// <summary>A confirmed request of high priority, as most clients send (C0..CF).</summary>
    public static InvokeIdAndPriority Usual(int id) => new((byte)(0xC0 | (id & 0x0F)));

    /// <summary>The octet in hex.</summary>
    public override string ToString() => Value.ToString("X2");
}
