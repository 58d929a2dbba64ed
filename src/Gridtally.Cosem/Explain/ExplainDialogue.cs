using Gridtally.Metering;

namespace Gridtally.Cosem.Explain;

/// <summary>What a request asked for, so that its response can be read with names.</summary>
/// <param name="Attributes">Attributes asked for, in their order; empty for methods.</param>
/// <param name="Methods">Methods invoked, in their order.</param>
/// <param name="IsList">True for a with-list request.</param>
internal sealed record ExplainRequest(IReadOnlyList<AttributeRef> Attributes, IReadOnlyList<MethodRef> Methods, bool IsList = false)
{
    /// <summary>The columns that the access selection of a profile asks for; null for all.</summary>
    public IReadOnlyList<ExplainColumn>? Columns { get; init; }

    /// <summary>Columns by number, first and last, from 1; (1, 0) for all.</summary>
    public (int First, int Last) ColumnRange { get; init; } = (1, 0);
}

/// <summary>One column of a profile.</summary>
internal readonly record struct ExplainColumn(AttributeRef Object, ushort DataIndex);

/// <summary>What the octets of a dialogue have told so far: requests that wait for their answers, scalers, columns.</summary>
internal sealed class ExplainDialogue
{
    // What a capture of a whole substation has; more would only be a capture made to fill memory.
    private const int MaxKnown = 65_536;

    private readonly Dictionary<((ulong, ulong) Peers, uint InvokeId, bool Long), ExplainRequest> _requests = [];
    private readonly Dictionary<((ulong, ulong) Peers, ObisCode Object), ScalerUnit> _scales = [];
    private readonly Dictionary<((ulong, ulong) Peers, ObisCode Profile), ExplainColumn[]> _columns = [];
    private readonly Dictionary<((ulong, ulong) Peers, ObisCode Profile), uint> _periods = [];
    private readonly Dictionary<((ulong, ulong) Peers, ushort ClassId, ObisCode Object), byte> _versions = [];
    private readonly Dictionary<((ulong, ulong) Peers, ObisCode Push), ExplainColumn[]> _pushLists = [];
    private readonly Dictionary<((ulong, ulong) Peers, ushort BaseName), (ushort ClassId, ObisCode Instance)> _shortNames = [];
    private (ulong, ulong) _peers;

    /// <summary>Who sends to whom, in numbers of the framing; answers go the other way.</summary>
    public (ulong From, ulong To) Way
    {
        get;
        set
        {
            field = value;
            _peers = value.From < value.To ? (value.From, value.To) : (value.To, value.From);
        }
    }

    public void Ask(uint invokeId, ExplainRequest request, bool isLong = false) => Put(_requests, (_peers, invokeId, isLong), request);

    public ExplainRequest? Asked(uint invokeId, bool isLong = false) => _requests.GetValueOrDefault((_peers, invokeId, isLong));

    public void LearnScale(ObisCode instance, ScalerUnit scale) => Put(_scales, (_peers, instance), scale);

    public ScalerUnit? ScaleOf(ObisCode instance) => _scales.TryGetValue((_peers, instance), out var scale) ? scale : null;

    public void LearnColumns(ObisCode profile, ExplainColumn[] columns) => Put(_columns, (_peers, profile), columns);

    public ExplainColumn[]? ColumnsOf(ObisCode profile) => _columns.GetValueOrDefault((_peers, profile));

    public void LearnPeriod(ObisCode profile, uint seconds) => Put(_periods, (_peers, profile), seconds);

    /// <summary>Seconds between two rows; 0 where that is not known.</summary>
    public uint PeriodOf(ObisCode profile) => _periods.GetValueOrDefault((_peers, profile));

    public void LearnVersion(ushort classId, ObisCode instance, byte version) => Put(_versions, (_peers, classId, instance), version);

    /// <summary>Version of an object's class; null where no object list told it.</summary>
    public byte? VersionOf(ushort classId, ObisCode instance) => _versions.TryGetValue((_peers, classId, instance), out var version) ? version : null;

    public void LearnPushList(ObisCode push, ExplainColumn[] objects) => Put(_pushLists, (_peers, push), objects);

    /// <summary>The one known push list of so many objects; null where none or several fit.</summary>
    public ExplainColumn[]? PushListOf(int count)
    {
        ExplainColumn[]? found = null;
        foreach (var (key, list) in _pushLists)
        {
            if (key.Peers != _peers || list.Length != count) continue;
            if (found is not null && !found.AsSpan().SequenceEqual(list)) return null;
            found = list;
        }

        return found;
    }

    public void LearnShortName(ushort baseName, ushort classId, ObisCode instance) => Put(_shortNames, (_peers, baseName), (classId, instance));

    /// <summary>The attribute behind a short name, where the object list told its object.</summary>
    /// <remarks>Attribute n is at base_name + 8 × (n - 1), Blue Book clause 4.1.3.</remarks>
    public AttributeRef? AttributeAt(ushort name)
    {
        const int step = 8, attributes = 32;
        for (var i = 0; i < attributes && name - i * step >= 0; i++)
        {
            if ((name & 7) == 0 && _shortNames.TryGetValue((_peers, (ushort)(name - i * step)), out var found)) return new(found.ClassId, found.Instance, (sbyte)(i + 1));
        }

        return null;
    }

    private static void Put<TKey, TValue>(Dictionary<TKey, TValue> known, TKey key, TValue value) where TKey : notnull
    {
        if (known.Count >= MaxKnown) known.Clear();
        known[key] = value;
    }
}
