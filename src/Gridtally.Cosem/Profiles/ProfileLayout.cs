using System.Buffers;
using System.Collections.Immutable;
using Gridtally.Cosem.Data;
using Gridtally.Metering;

namespace Gridtally.Cosem.Profiles;

/// <summary>One column of a profile: what is captured, and in what unit.</summary>
/// <param name="Object">The captured attribute.</param>
/// <param name="Scale">Its scaler and unit; <see cref="ScalerUnit.None"/> where the object has none.</param>
public readonly record struct ProfileColumn(CaptureObject Object, ScalerUnit Scale)
{
    /// <summary>True for the time attribute of a clock.</summary>
    public bool IsClock => Object is { ClassId: 8, AttributeIndex: 2 };
}

/// <summary>What the rows of a profile mean: without it they are only numbers. Taken from the meter, kept with the rows.</summary>
/// <remarks>Attributes 3 and 4 of Profile generic, with attribute 3 (or 4) of each captured register.</remarks>
public sealed class ProfileLayout : IEquatable<ProfileLayout>
{
    /// <summary>Columns that a layout may have. Real meters have up to 60; a row is decoded on the stack.</summary>
    public const int MaxColumns = 128;

    /// <summary>Describes a profile.</summary>
    /// <param name="profile">Its logical name.</param>
    /// <param name="capturePeriodSeconds">Seconds between rows; 0 where capturing is triggered otherwise.</param>
    /// <param name="columns">Its columns in order, 1..<see cref="MaxColumns"/>.</param>
    /// <exception cref="ArgumentException">No column, or too many.</exception>
    public ProfileLayout(ObisCode profile, uint capturePeriodSeconds, ImmutableArray<ProfileColumn> columns)
    {
        if (columns.IsDefaultOrEmpty || columns.Length > MaxColumns)
            throw new ArgumentException($"A profile has 1..{MaxColumns} columns; {profile} has {(columns.IsDefault ? 0 : columns.Length)}.", nameof(columns));
        (Profile, CapturePeriodSeconds, Columns) = (profile, capturePeriodSeconds, columns);
        ClockColumn = -1;
        for (var i = columns.Length - 1; i >= 0; i--)
        {
            if (columns[i].IsClock) ClockColumn = i;
        }
    }

    /// <summary>Logical name of the profile.</summary>
    public ObisCode Profile { get; }

    /// <summary>Seconds between rows; 0 where capturing is triggered otherwise.</summary>
    public uint CapturePeriodSeconds { get; }

    /// <summary>The columns in order.</summary>
    public ImmutableArray<ProfileColumn> Columns { get; }

    /// <summary>Index of the first clock column; -1 where there is none.</summary>
    public int ClockColumn { get; }

    /// <summary>Writes the layout as {profile os(6), capture_period u32, [{class u16, name os(6), attribute i8, index u16, scaler i8, unit enum}]}.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        target.WriteStructure(3);
        target.WriteObis(Profile);
        target.WriteDoubleLongUnsigned(CapturePeriodSeconds);
        target.WriteArray(Columns.Length);
        foreach (var (captured, scale) in Columns)
        {
            target.WriteStructure(6);
            target.WriteLongUnsigned(captured.ClassId);
            target.WriteObis(captured.Instance);
            target.WriteInteger(captured.AttributeIndex);
            target.WriteLongUnsigned(captured.DataIndex);
            target.WriteInteger(scale.Scaler);
            target.WriteEnum((byte)scale.Unit);
        }
    }

    /// <summary>Reads what <see cref="WriteTo"/> writes; on failure the reader holds the reason.</summary>
    public static bool TryRead(ref AxdrReader reader, out ProfileLayout? layout)
    {
        layout = null;
        if (!reader.TryReadStructureOf(3) || !reader.TryReadObis(out var profile) || !reader.TryReadNumber(0, uint.MaxValue, out var period)
            || !reader.TryReadArray(out var count)) return false;
        if (count is 0 or > MaxColumns) return reader.Fail(DecodeFault.BadLength);
        var columns = ImmutableArray.CreateBuilder<ProfileColumn>(count);
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadStructureOf(6) || !reader.TryReadNumber(0, ushort.MaxValue, out var classId) || !reader.TryReadObis(out var name)
                || !reader.TryReadNumber(sbyte.MinValue, sbyte.MaxValue, out var attribute) || !reader.TryReadNumber(0, ushort.MaxValue, out var index)
                || !reader.TryReadNumber(sbyte.MinValue, sbyte.MaxValue, out var scaler) || !reader.TryReadNumber(0, byte.MaxValue, out var unit)) return false;
            columns.Add(new(new((ushort)classId, name, (sbyte)attribute, (ushort)index), new((sbyte)scaler, (Unit)(byte)unit)));
        }

        layout = new(profile, (uint)period, columns.MoveToImmutable());
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(ProfileLayout? other) =>
        other is not null && Profile == other.Profile && CapturePeriodSeconds == other.CapturePeriodSeconds
        && Columns.AsSpan().SequenceEqual(other.Columns.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ProfileLayout);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Profile, CapturePeriodSeconds, Columns.Length, Columns[^1]);
}
