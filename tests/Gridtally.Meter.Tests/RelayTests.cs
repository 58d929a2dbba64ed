using Gridtally.Cosem;
using Gridtally.Cosem.Data;
using Gridtally.Meter.Metrology;

namespace Gridtally.Meter.Tests;

public class RelayTests
{
    public enum Command
    {
        RemoteDisconnect, ManualDisconnect, LocalDisconnect, RemoteReconnect, ManualReconnect, LocalReconnect,
    }

    // DTSD545 5.2.8. Columns: mode, then which commands do something from Connected (b, f, g), Disconnected (a or d), Ready (c, e, h).
    [Theory]
    [InlineData(0, "", "", "")]
    [InlineData(1, "bfg", "d", "ce")]
    [InlineData(2, "bfg", "a", "ce")]
    [InlineData(3, "bg", "d", "ce")]
    [InlineData(4, "bg", "a", "ce")]
    [InlineData(5, "bfg", "d", "ceh")]
    [InlineData(6, "bg", "d", "ceh")]
    public void Each_mode_allows_the_transitions_of_the_manuals_table(byte mode, string connected, string disconnected, string ready)
    {
        Assert.Equal(mode == 0 ? "" : connected, Transitions(mode, ControlState.Connected));
        if (mode == 0) return; // the relay is always closed
        Assert.Equal(disconnected, Transitions(mode, ControlState.Disconnected));
        Assert.Equal(ready, Transitions(mode, ControlState.ReadyForReconnection));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void What_was_opened_by_hand_is_closed_by_a_remote_command_in_any_mode(byte mode)
    {
        var relay = In(mode, ControlState.Connected);
        Assert.True(relay.ManualDisconnect());

        Assert.True(relay.RemoteReconnect());
        Assert.True(relay.IsClosed);
    }

    [Fact]
    public void Mode_0_closes_the_relay()
    {
        var relay = In(5, ControlState.Disconnected);

        Assert.True(relay.SetMode(0));
        Assert.True(relay.IsClosed);
        Assert.False(relay.SetMode(7));
    }

    [Fact]
    public void A_new_meter_is_connected_in_mode_5()
    {
        var relay = new DisconnectControl();

        Assert.Equal((ControlState.Connected, (byte)5), (relay.State, relay.Mode));
    }

    [Fact]
    public void The_management_client_disconnects_and_releases()
    {
        var meter = TestMeters.New();

        Assert.Equal(ActionResult.Success, meter.Invoke("70/0-0:96.3.10.255!1"));
        Assert.Equal((0, 0), (meter.Number("70/0-0:96.3.10.255:2"), meter.Number("70/0-0:96.3.10.255:3")));
        Assert.Equal(ActionResult.OtherReason, meter.Invoke("70/0-0:96.3.10.255!1"));
        Assert.Equal(ActionResult.Success, meter.Invoke("70/0-0:96.3.10.255!2"));
        Assert.Equal((0, 2), (meter.Number("70/0-0:96.3.10.255:2"), meter.Number("70/0-0:96.3.10.255:3")));
        Assert.Equal(DataAccessResult.Success, meter.Set("70/0-0:96.3.10.255:4", w => w.WriteEnum(2)));
        Assert.Equal(DataAccessResult.OtherReason, meter.Set("70/0-0:96.3.10.255:4", w => w.WriteEnum(9)));
    }

    private static string Transitions(byte mode, ControlState from) =>
        string.Concat(Enum.GetValues<Command>().Select(command => Letter(command, from, Try(In(mode, from), command))).OrderBy(c => c));

    private static string Letter(Command command, ControlState from, ControlState? to) => (command, from, to) switch
    {
        (_, _, null) => "",
        (Command.RemoteReconnect, ControlState.Disconnected, ControlState.Connected) => "a",
        (Command.RemoteDisconnect, ControlState.Connected, ControlState.Disconnected) => "b",
        (Command.RemoteDisconnect, ControlState.ReadyForReconnection, ControlState.Disconnected) => "c",
        (Command.RemoteReconnect, ControlState.Disconnected, ControlState.ReadyForReconnection) => "d",
        (Command.ManualReconnect, ControlState.ReadyForReconnection, ControlState.Connected) => "e",
        (Command.ManualDisconnect, ControlState.Connected, ControlState.ReadyForReconnection) => "f",
        (Command.LocalDisconnect, ControlState.Connected, ControlState.ReadyForReconnection) => "g",
        (Command.LocalReconnect, ControlState.ReadyForReconnection, ControlState.Connected) => "h",
        _ => "?",
    };

    private static ControlState? Try(DisconnectControl relay, Command command)
    {
        var done = command switch
        {
            Command.RemoteDisconnect => relay.RemoteDisconnect(),
            Command.ManualDisconnect => relay.ManualDisconnect(),
            Command.LocalDisconnect => relay.LocalDisconnect(),
            Command.RemoteReconnect => relay.RemoteReconnect(),
            Command.ManualReconnect => relay.ManualReconnect(),
            _ => relay.LocalReconnect(),
        };
        return done ? relay.State : null;
    }

    private static DisconnectControl In(byte mode, ControlState state)
    {
        var relay = new DisconnectControl();
        Assert.True(relay.SetMode(5));
        if (state == ControlState.Disconnected) Assert.True(relay.RemoteDisconnect());
        if (state == ControlState.ReadyForReconnection) Assert.True(relay.LocalDisconnect());
        Assert.True(relay.SetMode(mode));
        return relay;
    }
}
