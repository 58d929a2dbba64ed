using Gridtally.Cosem.Data;

namespace Gridtally.Fuzz;

/// <summary>Makes inputs from the corpus: octet by octet, and element by element where something in the input reads as Data.</summary>
internal sealed class Mutator
{
    // Values at which lengths, tags and counters change their meaning.
    private static readonly byte[] Telling = [0x00, 0x01, 0x02, 0x09, 0x0C, 0x0F, 0x10, 0x11, 0x12, 0x13, 0x7E, 0x7F, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0xFE, 0xFF];

    private static readonly byte[][] Tokens =
    [
        [0x81, 0x80], [0x82, 0x00, 0x01], [0x82, 0xFF, 0xFF], [0x83, 0x01, 0x00, 0x00], [0x84, 0x00, 0x00, 0x00, 0x01], [0x84, 0x7F, 0xFF, 0xFF, 0xFF],
        [0x84, 0x80, 0x00, 0x00, 0x00], [0x84, 0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF], [0x00, 0x00, 0x00, 0x00], [0x80, 0x00, 0x00, 0x00],
        [0x01, 0x00], [0x02, 0x00], [0x01, 0x01], [0x02, 0x01], [0x01, 0x84, 0x7F, 0xFF, 0xFF, 0xFF], [0x02, 0x82, 0xFF, 0xFF], [0x09, 0x00], [0x0A, 0x00], [0x04, 0x07], [0x04, 0x00],
        [0x09, 0x06, 0x00, 0x00, 0x28, 0x00, 0x00, 0xFF], [0x09, 0x06, 0x00, 0x00, 0x01, 0x00, 0x00, 0xFF], [0x01, 0x00, 0x63, 0x01, 0x00, 0xFF],
        [0x13, 0x12, 0x02, 0x00, 0x01], [0x13, 0x02, 0x02, 0x12, 0x06, 0x06], [0x13, 0x01, 0xFF, 0xFF, 0x00, 0x00], [0x13, 0x00, 0x00],
        [0x09, 0x0C, 0x07, 0xEA, 0x01, 0x0F, 0xFF, 0x00, 0x00, 0x00, 0xFF, 0x00, 0x00, 0x00], [0x19], [0x1A], [0x1B], [0x1C, 0x7F], [0x21, 0xFF, 0xFF, 0xFF, 0xFF],
        [0x30, 0x00, 0x00, 0x00, 0x01], [0x10], [0x20], [0x7E], [0x7E, 0x7E], [0xA0, 0x07], [0xE6, 0xE6, 0x00], [0xE6, 0xE7, 0x00], [0x00, 0x01, 0x00, 0x01, 0x00, 0x10],
        [0x68, 0x0F, 0x0F, 0x68], [0xBE, 0x10, 0x04, 0x0E], [0xA1, 0x09, 0x06, 0x07, 0x60, 0x85, 0x74, 0x05, 0x08, 0x01, 0x01], [0x8B, 0x07, 0x60, 0x85, 0x74, 0x05, 0x08, 0x02, 0x05],
    ];

    // APDU tags, so that a swap leads into another reader.
    private static readonly byte[] ApduTags =
    [
        0x01, 0x05, 0x06, 0x08, 0x0C, 0x0D, 0x0E, 0x0F, 0x10, 0x16, 0x18, 0x21, 0x28, 0x60, 0x61, 0x62, 0x63, 0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC7, 0xC8, 0xCB, 0xCC, 0xCF,
        0xD0, 0xD8, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD, 0xDF, 0xE0, 0xE6, 0xE7,
    ];

    private readonly Target _target;
    private readonly byte[][] _corpus;
    private readonly byte[][] _messages;
    private readonly Octets _input;
    private readonly Octets _message;

    public Mutator(Target target, byte[][] corpus)
    {
        (_target, _corpus) = (target, corpus);
        (_input, _message) = (new(target.MaxInput), new(Math.Min(target.MaxInput, Messages.MaxLength)));
        _messages = target.IsDialogue ? [.. corpus.SelectMany(MessagesOf)] : corpus;
    }

    /// <summary>The input of that number; valid until the next one is made.</summary>
    public ReadOnlySpan<byte> Make(ulong seed, ulong number)
    {
        var random = new FuzzRandom(seed, number);
        _input.Set(_corpus[random.Below(_corpus.Length)]);
        for (var changes = random.OneIn(2) ? 1 : 1 + random.Below(6); changes > 0; changes--)
        {
            if (_target.IsDialogue) ChangeDialogue(ref random);
            else Change(_input, _corpus, ref random);
        }

        _target.Repair(_input, ref random);
        return _input.Span;
    }

    private static void Change(Octets octets, byte[][] others, ref FuzzRandom random)
    {
        var at = random.Below(octets.Length);
        switch (random.Below(16))
        {
            case 0 when octets.Length > 0: octets.Span[at] ^= (byte)(1 << random.Below(8)); break;
            case 1 when octets.Length > 0: octets.Span[at] = Telling[random.Below(Telling.Length)]; break;
            case 2 when octets.Length > 0: octets.Span[at] = (byte)random.Next(); break;
            case 3 when octets.Length > 0: octets.Span[at] += (byte)(random.Below(9) - 4); break;
            case 4: octets.Truncate(at); break;
            case 5: octets.Remove(at, 1 + random.Below(random.OneIn(4) ? 64 : 4)); break;
            case 6: octets.Insert(at, octets.Span.Slice(at, Math.Min(octets.Length - at, 1 + random.Below(32))).ToArray()); break;
            case 7: octets.Insert(at, Tokens[random.Below(Tokens.Length)]); break;
            case 8: Overwrite(octets, at, Tokens[random.Below(Tokens.Length)]); break;
            case 9: Splice(octets, others[random.Below(others.Length)], ref random); break;
            case 10 when octets.Length > 0: octets.Span[0] = ApduTags[random.Below(ApduTags.Length)]; break;
            case 11: ChangeLength(octets, ref random); break;
            default: ChangeElement(octets, others, ref random); break;
        }
    }

    /// <summary>Finds an octet that may be a length because it reaches no further than the end, and lets it lie.</summary>
    private static void ChangeLength(Octets octets, ref FuzzRandom random)
    {
        for (var tries = 0; tries < 8; tries++)
        {
            var at = random.Below(octets.Length);
            if (at >= octets.Length || octets.Span[at] == 0 || octets.Span[at] > octets.Length - at - 1) continue;
            octets.Span[at] = random.Below(5) switch
            {
                0 => (byte)(octets.Span[at] + 1),
                1 => (byte)(octets.Span[at] - 1),
                2 => 0,
                3 => (byte)(octets.Length - at - 1),
                _ => Telling[random.Below(Telling.Length)],
            };
            return;
        }
    }

    /// <summary>Finds an element of Data, and removes, repeats, exchanges or wraps it, or makes it another type.</summary>
    private static void ChangeElement(Octets octets, byte[][] others, ref FuzzRandom random)
    {
        if (!TryFindElement(octets.Span, ref random, out var at, out var length)) return;
        switch (random.Below(6))
        {
            case 0: octets.Remove(at, length); break;
            case 1: octets.Insert(at, octets.Span.Slice(at, length).ToArray()); break;
            case 2:
                var other = others[random.Below(others.Length)];
                if (!TryFindElement(other, ref random, out var from, out var size)) break;
                octets.Remove(at, length);
                octets.Insert(at, other.AsSpan(from, size));
                break;
            case 3:
                Span<byte> wraps = stackalloc byte[2 * (1 + random.Below(20))];
                for (var i = 0; i < wraps.Length; i += 2) (wraps[i], wraps[i + 1]) = (random.OneIn(2) ? (byte)DataTag.Array : (byte)DataTag.Structure, 1);
                octets.Insert(at, wraps);
                break;
            case 4: octets.Span[at] = (byte)random.Below(0x22); break;
            default: Grow(octets, at, length, ref random); break;
        }
    }

    /// <summary>Repeats the elements of an array, and says so in its count.</summary>
    private static void Grow(Octets octets, int at, int length, ref FuzzRandom random)
    {
        if (octets.Span[at] is not ((byte)DataTag.Array or (byte)DataTag.Structure) || octets.Span[at + 1] is 0 or > 60) return;
        var times = 1 + random.Below(127 / octets.Span[at + 1] - 1);
        octets.Span[at + 1] *= (byte)(times + 1);
        var body = octets.Span.Slice(at + 2, length - 2).ToArray();
        for (var i = 0; i < times; i++) octets.Insert(at + length, body);
    }

    private static bool TryFindElement(ReadOnlySpan<byte> octets, ref FuzzRandom random, out int at, out int length)
    {
        (at, length) = (0, 0);
        for (var tries = 0; tries < 6 && !octets.IsEmpty; tries++)
        {
            at = random.Below(octets.Length);
            var reader = new AxdrReader(octets[at..]);
            if (!reader.TrySkip(out var element) || element.Length < 2) continue;
            length = element.Length;
            return true;
        }

        return false;
    }

    private static void Overwrite(Octets octets, int at, ReadOnlySpan<byte> token)
    {
        token = token[..Math.Min(token.Length, octets.Length - at)];
        token.CopyTo(octets.Span[at..]);
    }

    private static void Splice(Octets octets, ReadOnlySpan<byte> other, ref FuzzRandom random)
    {
        octets.Truncate(random.Below(octets.Length + 1));
        octets.Insert(octets.Length, other[random.Below(other.Length + 1)..]);
    }

    /// <summary>Changes one message, or the order of messages.</summary>
    private void ChangeDialogue(ref FuzzRandom random)
    {
        if (random.OneIn(24)) _input.Span[..Math.Min(1, _input.Length)].Fill((byte)random.Next());
        if (!TryFindMessage(ref random, out var at, out var kind, out var length))
        {
            Insert(_input.Length, (byte)random.Below(4), _messages[random.Below(_messages.Length)]);
            return;
        }

        var size = Messages.HeadSize + length;
        switch (random.Below(12))
        {
            case 0: _input.Remove(at, size); break;
            case 1: _input.Insert(at, _input.Span.Slice(at, size).ToArray()); break;
            case 2: Insert(at, (byte)random.Below(4), _messages[random.Below(_messages.Length)]); break;
            case 3: Insert(at + size, (byte)random.Below(4), _messages[random.Below(_messages.Length)]); break;
            case 4: _input.Span[at] = (byte)(_input.Span[at] & 0x1F | random.Below(4) << 5); break;
            default:
                _message.Set(_input.Span.Slice(at + Messages.HeadSize, length));
                Change(_message, _messages, ref random);
                _input.Remove(at, size);
                Insert(at, kind, _message.Span);
                break;
        }
    }

    private bool TryFindMessage(ref FuzzRandom random, out int at, out byte kind, out int length)
    {
        (at, kind, length) = (0, 0, 0);
        var count = Count(_input.Span);
        if (count == 0) return false;
        var wanted = random.Below(count);
        ReadOnlySpan<byte> rest = _input.Span[1..];
        for (var i = 0; Messages.TryTake(ref rest, out var found, out var message); i++)
        {
            if (i != wanted) continue;
            (at, kind, length) = (_input.Length - rest.Length - message.Length - Messages.HeadSize, (byte)found, message.Length);
            return true;
        }

        return false;
    }

    private void Insert(int at, byte kind, ReadOnlySpan<byte> message)
    {
        if (_input.Room < Messages.HeadSize + message.Length) return;
        var head = kind << 13 | message.Length;
        _input.Insert(at, [(byte)(head >> 8), (byte)head]);
        _input.Insert(at + Messages.HeadSize, message);
    }

    private static int Count(ReadOnlySpan<byte> dialogue)
    {
        var count = 0;
        var rest = dialogue.IsEmpty ? dialogue : dialogue[1..];
        while (Messages.TryTake(ref rest, out _, out _)) count++;
        return count;
    }

    private static List<byte[]> MessagesOf(byte[] dialogue)
    {
        var messages = new List<byte[]>();
        ReadOnlySpan<byte> rest = dialogue.AsSpan(1);
        while (Messages.TryTake(ref rest, out _, out var message)) messages.Add(message.ToArray());
        return messages;
    }
}
