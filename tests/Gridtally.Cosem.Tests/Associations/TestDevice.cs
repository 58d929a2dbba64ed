using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Server;
using Gridtally.Metering;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>A logical device with a handful of attributes, that remembers what it was asked.</summary>
internal sealed class TestDevice : ILogicalDevice
{
    public static readonly AttributeRef Name = new(1, ObisCode.Parse("0-0:42.0.0.255"), 2);
    public static readonly AttributeRef Setting = new(1, ObisCode.Parse("0-0:128.0.0.255"), 2);
    public static readonly AttributeRef Profile = new(7, ObisCode.Parse("1-0:99.1.0.255"), 2);
    public static readonly AttributeRef Unknown = new(3, ObisCode.Parse("1-0:9.9.9.255"), 2);
    public static readonly MethodRef Echo = new(9, ObisCode.Parse("0-0:10.0.0.255"), 1);
    public static readonly MethodRef Denied = new(70, ObisCode.Parse("0-0:96.3.10.255"), 1);

    /// <summary>Rows of the profile, each a double-long-unsigned.</summary>
    public int Rows { get; set; } = 10;

    public byte[] SettingData { get; private set; } = [0];

    public List<string> Asked { get; } = [];

    /// <summary>What attributes and methods demand beyond the policy.</summary>
    public Dictionary<AttributeRef, AccessMode> AttributeRights { get; } = [];

    public Dictionary<MethodRef, AccessMode> MethodRights { get; } = [];

    public AccessRights RightsOf(in AttributeRef target, ushort clientSap) => AttributeRights.TryGetValue(target, out var mode) ? new(mode) : AccessRights.Unprotected;

    public AccessRights RightsOf(in MethodRef target, ushort clientSap) => MethodRights.TryGetValue(target, out var mode) ? new(mode) : AccessRights.Unprotected;
    /// <summary>How many writes and invocations nobody waits for.</summary>
    public int Unanswered { get; private set; }

    /// <summary>Long invoke ids of the notifications that a client has confirmed.</summary>
    public List<uint> Confirmed { get; } = [];

    public void NotificationConfirmed(LongInvokeIdAndPriority invokeId, ushort clientSap) => Confirmed.Add(invokeId.Id);

    public int AttributesOf(ushort classId, ObisCode instance, ushort clientSap) => classId == Name.ClassId && (instance == Name.Instance || instance == Setting.Instance) ? 2 : 0;

    public DataAccessResult Get(in AttributeRef target, in RequestContext context, IBufferWriter<byte> output)
    {
        Asked.Add($"{context.ClientSap} gets {target}{(context.Selector == 0 ? "" : $" by {context.Selector} {Convert.ToHexString(context.SelectorParameters)}")}");
        if (target == Name) output.WriteOctetString("GTY0000000000001"u8);
        else if (target == Setting) output.Write(SettingData);
        else if (target == Profile) WriteRows(output);
        else if (target.ClassId == Name.ClassId && target.AttributeId == 1) output.WriteObis(target.Instance);
        else
        {
            output.WriteByte(0xFF); // must not reach the client
            return DataAccessResult.ObjectUndefined;
        }

        return DataAccessResult.Success;
    }

    public DataAccessResult Set(in AttributeRef target, in RequestContext context, ReadOnlySpan<byte> data)
    {
        Asked.Add($"{context.ClientSap} sets {target}");
        if (!context.IsAnswered) Unanswered++;
        if (target != Setting) return DataAccessResult.ReadWriteDenied;
        SettingData = data.ToArray();
        return DataAccessResult.Success;
    }

    public ActionResult Invoke(in MethodRef target, in RequestContext context, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output)
    {
        Asked.Add($"{context.ClientSap} invokes {target}");
        if (!context.IsAnswered) Unanswered++;
        if (target != Echo) return ActionResult.ReadWriteDenied;
        output.Write(parameter);
        return ActionResult.Success;
    }

    private void WriteRows(IBufferWriter<byte> output)
    {
        output.WriteArray(Rows);
        for (var i = 0; i < Rows; i++) output.WriteDoubleLongUnsigned((uint)i);
    }
}
