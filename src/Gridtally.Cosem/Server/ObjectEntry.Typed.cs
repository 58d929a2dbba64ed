using Gridtally.Cosem.Objects;

namespace Gridtally.Cosem.Server;

/// <content>Attributes and methods by value: the codecs of <see cref="Objects"/> do the encoding.</content>
public sealed partial class ObjectEntry<TDevice>
{
    /// <summary>Serves an attribute that is always there.</summary>
    /// <param name="id">Attribute id, as in the class.</param>
    /// <param name="codec">The attribute's codec, such as <c>ScriptTableCodecs.Scripts</c>.</param>
    /// <param name="get">Gives the value.</param>
    /// <param name="readers">Who may read it; the object's readers where not given.</param>
    /// <exception cref="ArgumentException">The class has no such attribute, or it is a secret.</exception>
    public ObjectEntry<TDevice> Get<T>(sbyte id, DataCodec<T> codec, Func<TDevice, T> get, ClientSet? readers = null) =>
        Get(id, (device, output) => codec.Write(output, get(device)), readers);

    /// <summary>Lets clients write an attribute; a value of another type is refused before the device sees it.</summary>
    /// <exception cref="ArgumentException">The class has no such attribute.</exception>
    public ObjectEntry<TDevice> Set<T>(sbyte id, DataCodec<T> codec, Func<TDevice, T, DataAccessResult> set, ClientSet writers) =>
        Set(id, (device, in context, data) => codec.TryDecode(data, out var value, out _) ? set(device, value) : DataAccessResult.TypeUnmatched, writers);

    /// <summary>Lets clients invoke a method with a parameter; a parameter of another type, or none, is refused before the device sees it.</summary>
    /// <exception cref="ArgumentException">The class has no such method.</exception>
    public ObjectEntry<TDevice> Method<T>(sbyte id, DataCodec<T> codec, Func<TDevice, T, ActionResult> invoke, ClientSet users) =>
        Method(id, (device, in context, parameter, output) => codec.TryDecode(parameter, out var value, out _) ? invoke(device, value) : ActionResult.TypeUnmatched, users);

    /// <summary>Lets clients invoke a method that needs no parameter and returns nothing.</summary>
    /// <exception cref="ArgumentException">The class has no such method.</exception>
    public ObjectEntry<TDevice> Method(sbyte id, Func<TDevice, ActionResult> invoke, ClientSet users) => Method(id, (device, in _, _, _) => invoke(device), users);
}
