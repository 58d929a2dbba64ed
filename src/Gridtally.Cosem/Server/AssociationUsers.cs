using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Server;

/// <summary>The users that one client's association knows: user_list of Association LN, version 2 on.</summary>
/// <remarks>Blue Book, class 15. While the list is empty, whoever the client is may associate; which user that is, the AARQ says.</remarks>
public sealed class AssociationUsers
{
    /// <summary>Users that one association may have: a user id has eight bits, and a meter knows far fewer people.</summary>
    public const int MaxUsers = 64;

    /// <summary>Octets of a user's name.</summary>
    public const int MaxNameOctets = 64;

    private readonly SortedList<byte, byte[]> _users = []; // names as encoded Data: visible-string or octet-string, as the client sent them

    /// <summary>How many users.</summary>
    public int Count => _users.Count;

    /// <summary>True where the list has that user.</summary>
    public bool Contains(byte userId) => _users.ContainsKey(userId);

    /// <summary>Adds a user with a visible-string for a name.</summary>
    /// <exception cref="ArgumentException">The list is full, the user is there already, or the name is too long.</exception>
    public void Add(byte userId, string name)
    {
        var user = new ArrayBufferWriter<byte>();
        user.WriteStructure(2);
        user.WriteUnsigned(userId);
        user.WriteVisibleString(name);
        if (Add(user.WrittenSpan) is var result && result != ActionResult.Success) throw new ArgumentException($"User {userId} can't be added: {result}.", nameof(userId));
    }

    /// <summary>Carries out add_user.</summary>
    /// <returns>other-reason where the list is full or has that user already.</returns>
    public ActionResult Add(ReadOnlySpan<byte> user)
    {
        if (!TryRead(user, out var id, out var name)) return ActionResult.TypeUnmatched;
        if (_users.Count >= MaxUsers || name.Length > MaxNameOctets + 2) return ActionResult.OtherReason;
        return _users.TryAdd(id, name.ToArray()) ? ActionResult.Success : ActionResult.OtherReason;
    }

    /// <summary>Carries out remove_user.</summary>
    /// <returns>other-reason where the list has no such user of that name.</returns>
    public ActionResult Remove(ReadOnlySpan<byte> user)
    {
        if (!TryRead(user, out var id, out var name)) return ActionResult.TypeUnmatched;
        if (!_users.TryGetValue(id, out var known) || !name.SequenceEqual(known)) return ActionResult.OtherReason;
        _users.Remove(id);
        return ActionResult.Success;
    }

    /// <summary>Writes user_list.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        output.WriteArray(_users.Count);
        foreach (var (id, name) in _users) WriteNamed(id, name, output);
    }

    /// <summary>Writes current_user; user 0 without a name where there is none.</summary>
    public void WriteUser(byte? userId, IBufferWriter<byte> output)
    {
        if (userId is { } id && _users.TryGetValue(id, out var name)) WriteNamed(id, name, output);
        else WriteNamed(userId ?? 0, [(byte)DataTag.VisibleString, 0], output);
    }

    private static void WriteNamed(byte id, ReadOnlySpan<byte> name, IBufferWriter<byte> output)
    {
        output.WriteStructure(2);
        output.WriteUnsigned(id);
        output.Write(name);
    }

    private static bool TryRead(ReadOnlySpan<byte> user, out byte id, out ReadOnlySpan<byte> name)
    {
        id = 0;
        name = default;
        var reader = new AxdrReader(user);
        if (!reader.TryReadStructureOf(2) || reader.Peek != DataTag.Unsigned || !reader.TryReadNumber(out var number)) return false;
        id = (byte)number;
        return reader.Peek is DataTag.VisibleString or DataTag.OctetString && reader.TrySkip(out name) && reader.TryEnd();
    }
}
