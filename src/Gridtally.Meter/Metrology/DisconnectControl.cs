using Gridtally.Meter.Persistence;

namespace Gridtally.Meter.Metrology;

/// <summary>control_state of the supply relay.</summary>
public enum ControlState : byte
{
    /// <summary>Open; only a remote command changes that.</summary>
    Disconnected,
    /// <summary>Closed: the customer is supplied.</summary>
    Connected,
    /// <summary>Open; the button, or the meter itself in some modes, may close it.</summary>
    ReadyForReconnection,
}

/// <summary>The supply relay: which command moves it in which mode.</summary>
/// <remarks>Class 70 Disconnect control; the table is that of DTSD545 5.2.8. A command that the mode does not allow changes nothing.</remarks>
public sealed class DisconnectControl
{
    /// <summary>Mode of a new meter (DTSD545 5.2.8).</summary>
    public const byte DefaultMode = 5;

    [Flags]
    private enum Transitions : byte
    {
        None = 0,
        RemoteDisconnect = 1,      // b, c
        ManualDisconnect = 2,      // f
        LocalDisconnect = 4,       // g
        RemoteReconnect = 8,       // a: straight to connected
        RemoteRelease = 16,        // d: ready for reconnection, the customer closes
        ManualReconnect = 32,      // e
        LocalReconnect = 64,       // h
    }

    //                                                      disconnection                                                                      reconnection
    private static readonly Transitions[] Modes =
    [
        Transitions.None,
        Transitions.RemoteDisconnect | Transitions.ManualDisconnect | Transitions.LocalDisconnect | Transitions.RemoteRelease | Transitions.ManualReconnect,
        Transitions.RemoteDisconnect | Transitions.ManualDisconnect | Transitions.LocalDisconnect | Transitions.RemoteReconnect | Transitions.ManualReconnect,
        Transitions.RemoteDisconnect | Transitions.LocalDisconnect | Transitions.RemoteRelease | Transitions.ManualReconnect,
        Transitions.RemoteDisconnect | Transitions.LocalDisconnect | Transitions.RemoteReconnect | Transitions.ManualReconnect,
        Transitions.RemoteDisconnect | Transitions.ManualDisconnect | Transitions.LocalDisconnect | Transitions.RemoteRelease | Transitions.ManualReconnect | Transitions.LocalReconnect,
        Transitions.RemoteDisconnect | Transitions.LocalDisconnect | Transitions.RemoteRelease | Transitions.ManualReconnect | Transitions.LocalReconnect,
    ];

    private bool _openedByHand;

    /// <summary>control_state, attribute 3.</summary>
    public ControlState State { get; private set; } = ControlState.Connected;

    /// <summary>control_mode, 0..6.</summary>
    public byte Mode { get; private set; } = DefaultMode;

    /// <summary>output_state: true while the relay is closed.</summary>
    public bool IsClosed => State == ControlState.Connected;

    /// <summary>Changes the mode; mode 0 closes the relay.</summary>
    /// <returns>False where there is no such mode.</returns>
    public bool SetMode(byte mode)
    {
        if (mode >= Modes.Length) return false;
        Mode = mode;
        if (mode == 0) State = ControlState.Connected;
        return true;
    }

    /// <summary>Method 1 remote_disconnect: transitions b and c.</summary>
    /// <returns>True where the relay or its state changed.</returns>
    public bool RemoteDisconnect() =>
        State != ControlState.Disconnected && Allows(Transitions.RemoteDisconnect) && Go(ControlState.Disconnected);

    /// <summary>Method 2 remote_reconnect: transition a or d; and what was opened by hand, in any mode but 0 (DTSD545 5.2.8, notice).</summary>
    /// <returns>True where the relay or its state changed.</returns>
    public bool RemoteReconnect()
    {
        if (State == ControlState.ReadyForReconnection && _openedByHand) return Go(ControlState.Connected);
        if (State != ControlState.Disconnected) return false;
        if (Allows(Transitions.RemoteReconnect)) return Go(ControlState.Connected);
        return Allows(Transitions.RemoteRelease) && Go(ControlState.ReadyForReconnection);
    }

    /// <summary>The button opens: transition f.</summary>
    public bool ManualDisconnect()
    {
        if (!IsClosed || !Allows(Transitions.ManualDisconnect)) return false;
        Go(ControlState.ReadyForReconnection);
        return _openedByHand = true;
    }

    /// <summary>The button closes: transition e.</summary>
    public bool ManualReconnect() =>
        State == ControlState.ReadyForReconnection && Allows(Transitions.ManualReconnect) && Go(ControlState.Connected);

    /// <summary>The meter itself opens (limiter, tamper): transition g.</summary>
    public bool LocalDisconnect() => IsClosed && Allows(Transitions.LocalDisconnect) && Go(ControlState.ReadyForReconnection);

    /// <summary>The meter itself closes: transition h.</summary>
    public bool LocalReconnect() =>
        State == ControlState.ReadyForReconnection && Allows(Transitions.LocalReconnect) && Go(ControlState.Connected);

    internal void Save(StateWriter writer)
    {
        writer.Write((byte)State);
        writer.Write(Mode);
        writer.Write(_openedByHand);
    }

    internal void Load(ref StateReader reader) =>
        (State, Mode, _openedByHand) = ((ControlState)reader.ReadByte(), reader.ReadByte(), reader.ReadBool());

    private bool Allows(Transitions transition) => (Modes[Mode] & transition) != 0;

    private bool Go(ControlState state)
    {
        (State, _openedByHand) = (state, false);
        return true;
    }
}
