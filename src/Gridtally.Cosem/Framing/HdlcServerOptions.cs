namespace Gridtally.Cosem.Framing;

/// <summary>One HDLC line of devices.</summary>
public sealed record HdlcServerOptions
{
    /// <summary>
    /// Which (logical device, physical device) are on this line. Physical is 0 where a client addresses with one octet; a line
    /// with a single meter may answer that.
    /// </summary>
    public required Func<ushort, ushort, bool> Serves { get; init; }

    /// <summary>What each device agrees to at most.</summary>
    public HdlcParameters Parameters { get; init; } = new(128, 128, 1, 1);

    /// <summary>How long a link may be idle before it is over; zero: for ever.</summary>
    public TimeSpan InactivityTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Longest pause inside a frame. IEC 62056-46 says 25 ms, which operating systems and modems between do not keep.</summary>
    public TimeSpan InterOctetTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>True to ask for lost frames with REJ instead of RR. Clients need not know REJ.</summary>
    public bool UseReject { get; init; }

    /// <summary>Longest APDU taken in, in octets. The size that associations negotiate has 16 bits.</summary>
    public int MaxApdu { get; init; } = 65_535;

    /// <summary>Most links at a time over all devices of the line; a thousand meters with a few clients each.</summary>
    public int MaxLinks { get; init; } = 4096;

    /// <summary>Throws where an option is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option and its range.</exception>
    public void Validate()
    {
        Parameters.Validate();
        ArgumentOutOfRangeException.ThrowIfNegative(InactivityTimeout.Ticks, nameof(InactivityTimeout));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(InterOctetTimeout.Ticks, nameof(InterOctetTimeout));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxApdu);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxLinks);
    }
}
