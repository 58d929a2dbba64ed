using Gridtally.Cosem.Classes;
using Gridtally.Metering;

namespace Gridtally.Cosem.Server;

/// <summary>Builds an <see cref="ObjectTable{TDevice}"/>.</summary>
/// <example><code>
/// var builder = new ObjectTableBuilder&lt;Meter&gt;();
/// builder.Add(InterfaceClasses.Register, ObisCode.Parse("1-0:1.8.0.255"), ClientSet.Of(1, 2))
///     .Get(2, (meter, output) =&gt; output.WriteDoubleLongUnsigned(meter.ImportWh))
///     .Constant(3, output =&gt; output.WriteScalerUnit(new(0, Unit.WattHour)));
/// var table = builder.Build();
/// </code></example>
public sealed partial class ObjectTableBuilder<TDevice>
{
    private readonly Dictionary<(ushort, ObisCode), ObjectEntry<TDevice>> _objects = [];
    private ObjectTable<TDevice>? _built;

    /// <summary>Adds an object; what it serves is said on the returned entry.</summary>
    /// <param name="class">Its interface class.</param>
    /// <param name="logicalName">Its logical name.</param>
    /// <param name="readers">Clients that may read its attributes, where an attribute does not say otherwise.</param>
    /// <exception cref="ArgumentException">The table has it already.</exception>
    public ObjectEntry<TDevice> Add(ClassSpec @class, ObisCode logicalName, ClientSet readers)
    {
        var entry = new ObjectEntry<TDevice>(@class, logicalName, readers);
        return _objects.TryAdd((@class.Id, logicalName), entry)
            ? entry
            : throw new ArgumentException($"{@class.Name} {logicalName} is in the table already.", nameof(logicalName));
    }

    /// <summary>The finished table. The builder is not used any more after this.</summary>
    public ObjectTable<TDevice> Build() => _built ??= new(_objects.Values);
}
