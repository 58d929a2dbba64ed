using System.Buffers;
using System.Text;

namespace Gridtally.Cosem.LocalPort;

/// <summary>Where an opening stands.</summary>
public enum OpeningState : byte
{
    /// <summary>Not begun.</summary>
    Idle,
    /// <summary>Under way.</summary>
    Opening,
    /// <summary>Done: the service chosen may begin, with the line as it is set.</summary>
    Open,
    /// <summary>Given up; the fault says why.</summary>
    Failed,
}

/// <summary>What a reader asks for when it opens a local port.</summary>
public sealed record OpeningOptions
{
    /// <summary>What is to follow.</summary>
    public LocalService Service { get; init; } = LocalService.Hdlc;

    /// <summary>Device address of up to 32 characters, where several devices share the line; empty for the one at the optical head.</summary>
    public string DeviceAddress { get; init; } = "";

    /// <summary>Highest rate to go to; the device may offer less.</summary>
    public int MaxBaud { get; init; } = BaudCharacters.MaxBaud;

    /// <summary>How the line is set in the beginning. Some devices always speak at a higher rate.</summary>
    public LocalLine InitialLine { get; init; } = LocalLine.Initial;

    /// <summary>Longest time until a device begins to answer, and between two characters. IEC 62056-21 says 1,500 ms.</summary>
    public TimeSpan ReactionTimeout { get; init; } = TimeSpan.FromMilliseconds(2000);

    /// <summary>
    /// Between the last character of the option select and the change of rate. The device answers after 200 ms (20 ms where its third letter is
    /// small) at the earliest; drivers that say "sent" too early need some of that.
    /// </summary>
    public TimeSpan SwitchGuard { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long the confirmation of mode E is waited for. Devices that leave it out are taken to have agreed.</summary>
    public TimeSpan ConfirmationTimeout { get; init; } = TimeSpan.FromMilliseconds(2000);

    /// <summary>Between the confirmation and the first frame.</summary>
    public TimeSpan StartGuard { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>True to ask for HDLC even where the device does not announce it with <c>\2</c>.</summary>
    public bool HdlcUnannounced { get; init; }

    /// <summary>How often the request is sent again.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>Longest device address.</summary>
    public const int MaxDeviceAddress = 32;

    /// <summary>Throws where an option is out of its range.</summary>
    /// <exception cref="ArgumentException">Names the option and what is allowed.</exception>
    public void Validate()
    {
        if (DeviceAddress.Length > MaxDeviceAddress || DeviceAddress.Any(c => !char.IsAsciiLetterOrDigit(c) && c != ' '))
            throw new ArgumentException($"A device address has at most {MaxDeviceAddress} letters, digits and spaces.", nameof(DeviceAddress));
        BaudCharacters.Of(MaxBaud);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(InitialLine.Baud, nameof(InitialLine));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ReactionTimeout.Ticks, nameof(ReactionTimeout));
        ArgumentOutOfRangeException.ThrowIfNegative(SwitchGuard.Ticks, nameof(SwitchGuard));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ConfirmationTimeout.Ticks, nameof(ConfirmationTimeout));
        ArgumentOutOfRangeException.ThrowIfNegative(StartGuard.Ticks, nameof(StartGuard));
        ArgumentOutOfRangeException.ThrowIfNegative(Retries);
    }
}

/// <summary>The reader's side of an opening: wakes the device, reads who it is, chooses what follows, changes the rate.</summary>
/// <remarks>
/// IEC 62056-21, modes A to C and annex E. The driver sends <see cref="Output"/>, and whenever <see cref="Line"/> changes sets its port so
/// once all of that is on the line. An echo of what was sent, as optical heads make it, is not taken for an answer.
/// </remarks>
public sealed class OpeningClient
{
    // An identification, or what a fast device has sent of a readout while the rate was changed.
    private const int MaxText = 8 * 1024;

    private enum Step { None, Identification, Switch, Confirmation, Start }

    private readonly OpeningOptions _options;
    private readonly TextBuffer _text = new(MaxText);
    private OptionSelect _choice;
    private Step _step;
    private TimeSpan _deadline;
    private int _attempts;
    private bool _heard;

    /// <summary>An opening that has not begun.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public OpeningClient(OpeningOptions options)
    {
        options.Validate();
        (_options, Line) = (options, options.InitialLine);
    }

    /// <summary>Where it stands.</summary>
    public OpeningState State { get; private set; }

    /// <summary>Why it failed.</summary>
    public LocalFault Fault { get; private set; }

    /// <summary>How the line has to be set, once all of <see cref="Output"/> is out.</summary>
    public LocalLine Line { get; private set; }

    /// <summary>Who has answered; null until then.</summary>
    public Identification? Identification { get; private set; }

    /// <summary>True where the device has confirmed mode E; false where it has left that out.</summary>
    public bool Confirmed { get; private set; }

    /// <summary>Characters that have come already of what follows, once it is open: a readout does not wait.</summary>
    public ReadOnlySpan<byte> Rest => _text.Text;

    /// <summary>Octets to send; the driver clears them.</summary>
    public ArrayBufferWriter<byte> Output { get; } = new();

    /// <summary>When <see cref="Tick"/> wants to be called next; null for not at all.</summary>
    public TimeSpan? NextDeadline => _step == Step.None ? null : _deadline;

    /// <summary>Begins.</summary>
    public void Open(TimeSpan now)
    {
        (State, Fault, Identification, Confirmed, _attempts, _heard) = (OpeningState.Opening, LocalFault.None, null, false, 0, false);
        SendRequest(now);
    }

    /// <summary>Takes in octets from the line, in any pieces.</summary>
    public void Receive(ReadOnlySpan<byte> octets, TimeSpan now)
    {
        if (octets.IsEmpty || _step is Step.None or Step.Start) return;   // what comes during the change to 8N1 is noise
        _heard = true;
        _text.Add(octets);
        if (_step == Step.Switch) return;       // a device behind a converter may be faster than the line says; looked at when the rate is changed
        _deadline = Later(_deadline, now + _options.ReactionTimeout);
        if (_step == Step.Identification) ReadIdentification(now);
        else ReadConfirmation(now);
    }

    /// <summary>Lets time pass.</summary>
    public void Tick(TimeSpan now)
    {
        if (_step == Step.None || now < _deadline) return;
        switch (_step)
        {
            case Step.Identification when _attempts++ < _options.Retries: SendRequest(now); break;
            case Step.Identification: Fail(_heard ? LocalFault.Garbage : LocalFault.NoAnswer); break;
            case Step.Switch when _choice.Service == LocalService.Hdlc:
                Line = new(BaudCharacters.Read(_choice.BaudCharacter).Baud, true);
                Await(Step.Confirmation, now + _options.ConfirmationTimeout);
                ReadConfirmation(now);
                break;
            case Step.Switch: Finish(Line with { Baud = BaudCharacters.Read(_choice.BaudCharacter).Baud }); break;
            case Step.Confirmation: Start(now); break;      // left out: it speaks HDLC by now
            default: Finish(Line); break;
        }
    }

    private void SendRequest(TimeSpan now)
    {
        Line = _options.InitialLine;
        _text.Clear();
        var before = Output.WrittenCount;
        Output.Write(Encoding.ASCII.GetBytes($"/?{_options.DeviceAddress}!\r\n"));
        Await(Step.Identification, now + Line.TransmitTime(Output.WrittenCount - before) + _options.ReactionTimeout);
    }

    private void ReadIdentification(TimeSpan now)
    {
        while (true)
        {
            var start = _text.Text.IndexOf((byte)'/');
            _text.Drop(start < 0 ? _text.Text.Length : start);
            var end = _text.Text.IndexOf((byte)'\n');
            if (end < 0)
            {
                if (_text.IsFull) _text.Drop(1);
                return;
            }

            if (LocalPort.Identification.TryRead(_text.Text[..end].TrimEnd((byte)'\r'), out var found))
            {
                _text.Drop(end + 1);
                Choose(found!, now);
                return;
            }

            _text.Drop(1);      // the echo of the request, or noise
        }
    }

    private void Choose(Identification found, TimeSpan now)
    {
        Identification = found;
        var (mode, offered) = (found.Mode, found.Baud);
        if (mode != LocalMode.C)
        {
            // Modes A and B send their data without being asked further.
            if (_options.Service != LocalService.DataReadout) Fail(LocalFault.NotOffered);
            else Finish(Line with { Baud = mode == LocalMode.B ? offered : Line.Baud });
            return;
        }

        if (_options.Service == LocalService.Hdlc && !found.OffersHdlc && !_options.HdlcUnannounced)
        {
            Fail(LocalFault.NotOffered);
            return;
        }

        _choice = OptionSelect.Of(_options.Service, BaudCharacters.Of(Math.Min(offered, _options.MaxBaud)));
        _choice.WriteTo(Output);
        Await(Step.Switch, now + Line.TransmitTime(OptionSelect.Size) + _options.SwitchGuard);
    }

    private void ReadConfirmation(TimeSpan now)
    {
        const byte acknowledge = 0x06, refuse = 0x15, startOfText = 0x02;
        var start = _text.Text.IndexOfAny(acknowledge, refuse, startOfText);
        _text.Drop(start < 0 ? _text.Text.Length : start);
        if (_text.Text.IsEmpty) return;
        if (_text.Text[0] != acknowledge)
        {
            Fail(_text.Text[0] == refuse ? LocalFault.Refused : LocalFault.ReadoutInstead);
            return;
        }

        var status = OptionSelect.TryRead(_text.Text, out var confirmed);
        if (status == OperationStatus.NeedMoreData) return;
        if (status == OperationStatus.InvalidData) _text.Drop(1);
        else if (confirmed != _choice) Fail(LocalFault.Refused);
        else
        {
            Confirmed = true;
            Start(now);
        }
    }

    private void Start(TimeSpan now)
    {
        Line = Line with { SevenBitsEvenParity = false };
        Await(Step.Start, now + _options.StartGuard);
    }

    private void Finish(LocalLine line) => (State, _step, Line) = (OpeningState.Open, Step.None, line);

    private void Fail(LocalFault fault) => (State, _step, Fault) = (OpeningState.Failed, Step.None, fault);

    private void Await(Step step, TimeSpan deadline) => (_step, _deadline) = (step, deadline);

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
