using System.Buffers;
using System.Text;

namespace Gridtally.Cosem.LocalPort;

/// <summary>How a device answers at its local port.</summary>
public sealed record OpeningServerOptions
{
    /// <summary>What it says of itself; Z is the highest rate.</summary>
    public required Identification Identification { get; init; }

    /// <summary>Its device address; a request without one is meant for every device.</summary>
    public string DeviceAddress { get; init; } = "";

    /// <summary>Pause before each answer: 200..1,500 ms, or 20 ms where the third letter of the maker is small.</summary>
    public TimeSpan ReactionTime { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long the option select is waited for; after that, the data readout begins at the initial rate.</summary>
    public TimeSpan OptionTimeout { get; init; } = TimeSpan.FromMilliseconds(2000);

    /// <summary>False to leave the confirmation of mode E out, as some meters do.</summary>
    public bool Confirms { get; init; } = true;

    /// <summary>Throws where an option is out of its range.</summary>
    /// <exception cref="ArgumentException">The identification is not of mode C, or a time is negative.</exception>
    public void Validate()
    {
        if (Identification.Mode != LocalMode.C) throw new ArgumentException($"{Identification}: expected a baud rate character 0..6.", nameof(Identification));
        ArgumentOutOfRangeException.ThrowIfNegative(ReactionTime.Ticks, nameof(ReactionTime));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(OptionTimeout.Ticks, nameof(OptionTimeout));
    }
}

/// <summary>The device's side of an opening.</summary>
/// <remarks>
/// IEC 62056-21, mode C and annex E. In state <see cref="OpeningState.Idle"/> it waits for a request for ever; once
/// <see cref="OpeningState.Open"/>, <see cref="Chosen"/> says what the reader wants. <see cref="Reset"/> when that has ended.
/// </remarks>
public sealed class OpeningServer
{
    private enum Step { Listen, Identify, Option, Confirm, Start, Done }

    private readonly OpeningServerOptions _options;
    private readonly TextBuffer _text = new(128);
    private OptionSelect _choice;
    private Step _step;
    private TimeSpan _deadline;

    /// <summary>A device that waits for a request.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public OpeningServer(OpeningServerOptions options)
    {
        options.Validate();
        _options = options;
    }

    /// <summary>Where it stands; it never fails.</summary>
    public OpeningState State => _step switch { Step.Listen => OpeningState.Idle, Step.Done => OpeningState.Open, _ => OpeningState.Opening };

    /// <summary>What the reader has chosen; meaningful when open.</summary>
    public LocalService Chosen { get; private set; }

    /// <summary>How the line has to be set, once all of <see cref="Output"/> is out.</summary>
    public LocalLine Line { get; private set; } = LocalLine.Initial;

    /// <summary>Octets to send; the driver clears them.</summary>
    public ArrayBufferWriter<byte> Output { get; } = new();

    /// <summary>When <see cref="Tick"/> wants to be called next; null for not at all.</summary>
    public TimeSpan? NextDeadline => _step is Step.Listen or Step.Done ? null : _deadline;

    /// <summary>Waits for a request again, at 300 7E1.</summary>
    public void Reset()
    {
        (_step, Line) = (Step.Listen, LocalLine.Initial);
        _text.Clear();
    }

    /// <summary>Takes in octets from the line, in any pieces.</summary>
    public void Receive(ReadOnlySpan<byte> octets, TimeSpan now)
    {
        if (_step is not (Step.Listen or Step.Option)) return;
        _text.Add(octets);
        if (_step == Step.Listen) ReadRequest(now);
        else ReadOption(now);
    }

    /// <summary>Lets time pass.</summary>
    public void Tick(TimeSpan now)
    {
        if (NextDeadline is not { } deadline || now < deadline) return;
        switch (_step)
        {
            case Step.Identify:
                _options.Identification.WriteTo(Output);
                _text.Clear();
                Await(Step.Option, now + Line.TransmitTime(Output.WrittenCount) + _options.OptionTimeout);
                break;
            case Step.Option: Finish(LocalService.DataReadout); break;       // nobody chooses: readout at the initial rate
            case Step.Confirm when _choice.Service == LocalService.Hdlc && _options.Confirms:
                _choice.WriteTo(Output);
                Await(Step.Start, now + Line.TransmitTime(OptionSelect.Size));
                break;
            case Step.Confirm or Step.Start:
                if (_choice.Service == LocalService.Hdlc) Line = Line with { SevenBitsEvenParity = false };
                Finish(_choice.Service!.Value);
                break;
            default: break;
        }
    }

    private void ReadRequest(TimeSpan now)
    {
        while (true)
        {
            var start = _text.Text.IndexOf("/?"u8);
            if (start < 0)
            {
                // Noise; its last character may begin a request.
                if (_text.Text.Length > 1) _text.Drop(_text.Text.Length - 1);
                return;
            }

            _text.Drop(start);
            var end = _text.Text.IndexOf("!\r\n"u8);
            if (end < 0 && !_text.IsFull) return;
            var meant = end >= 0 && IsMeant(_text.Text[2..end]);
            _text.Drop(end < 0 ? 2 : end + 3);
            if (!meant) continue;
            Await(Step.Identify, now + _options.ReactionTime);
            return;
        }
    }

    /// <summary>Leading zeros do not count: IEC 62056-21, clause 6.3.1.</summary>
    private bool IsMeant(ReadOnlySpan<byte> address) =>
        address.IsEmpty || address.TrimStart((byte)'0').SequenceEqual(Encoding.ASCII.GetBytes(_options.DeviceAddress.TrimStart('0')));

    private void ReadOption(TimeSpan now)
    {
        const byte acknowledge = 0x06;
        while (true)
        {
            var start = _text.Text.IndexOf(acknowledge);
            _text.Drop(start < 0 ? _text.Text.Length : start);
            var status = OptionSelect.TryRead(_text.Text, out _choice);
            if (status == OperationStatus.NeedMoreData) return;
            _text.Drop(1);
            if (status == OperationStatus.Done) break;
        }

        var (mode, baud) = BaudCharacters.Read(_choice.BaudCharacter);
        var offered = mode == LocalMode.C && baud <= _options.Identification.Baud && _choice.Service is { } service
            && (service != LocalService.Hdlc || _options.Identification.OffersHdlc);
        if (!offered)
        {
            Finish(LocalService.DataReadout);
            return;
        }

        Line = Line with { Baud = baud };
        Await(Step.Confirm, now + _options.ReactionTime);
    }

    private void Finish(LocalService service) => (_step, Chosen) = (Step.Done, service);

    private void Await(Step step, TimeSpan deadline) => (_step, _deadline) = (step, deadline);
}
