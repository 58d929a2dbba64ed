using Gridtally.Cosem.LocalPort;
using Gridtally.Links;

namespace Gridtally.Sessions;

/// <summary>Programming mode of IEC 62056-21: registers read and written one by one over a local port. One command at a time.</summary>
public sealed class ProgrammingSession : IAsyncDisposable
{
    private readonly LocalPortDriver _driver;
    private readonly OpeningOptions _options;
    private readonly OpenedPort _opened;
    private readonly ProgrammingClient _client;
    private readonly Turn _turn = new();
    private bool _ended;

    private ProgrammingSession(LocalPortDriver driver, OpeningOptions options, OpenedPort opened)
    {
        (_driver, _options, _opened) = (driver, options, opened);
        _client = new(driver.Now, options.ReactionTimeout, options.Retries);
    }

    /// <summary>Who has answered.</summary>
    public Identification Identification => _opened.Identification;

    /// <summary>The operand of the device's P0, from which some passwords are computed.</summary>
    public string Operand { get; private set; } = "";

    /// <summary>Opens the port for programming and waits for the device's P0. The channel stays the caller's.</summary>
    /// <exception cref="AssociationException">The device does not answer, or not as asked.</exception>
    /// <exception cref="LinkException">The channel was lost.</exception>
    public static async Task<ProgrammingSession> OpenAsync(
        IByteChannel channel, OpeningOptions options, TimeProvider lineTime, Action<FrameTrace>? trace = null, CancellationToken cancellationToken = default)
    {
        var driver = new LocalPortDriver(channel, lineTime, trace);
        options = options with { Service = LocalService.Programming };
        var (opened, rest) = await OpticalOpening.OpenAsync(driver, options, cancellationToken).ConfigureAwait(false);
        var session = new ProgrammingSession(driver, options, opened);
        session._client.Receive(rest, driver.Now);
        await session.WaitAsync(cancellationToken).ConfigureAwait(false);
        session.Operand = session._client.Text;
        return session;
    }

    /// <summary>Gives the password: as it is (P1), or computed from <see cref="Operand"/> (P2).</summary>
    /// <returns>Null where it was taken; else the device's reason.</returns>
    /// <exception cref="AssociationException">No answer, or the device has broken the exchange off.</exception>
    /// <exception cref="LinkException">The channel was lost.</exception>
    public Task<string?> LoginAsync(string password, bool computed = false, CancellationToken cancellationToken = default) =>
        CommandAsync(now => _client.Password(password, now, computed), static client => client.Result == ProgrammingResult.Refused ? client.Text : null, cancellationToken);

    /// <summary>Reads a register (R1, or the command given).</summary>
    /// <returns>Its values, and null; or none, and the device's reason.</returns>
    /// <inheritdoc cref="LoginAsync"/>
    public Task<(IReadOnlyList<DataSet> Values, string? Refusal)> ReadAsync(string address, string data = "", string command = "R1", CancellationToken cancellationToken = default) =>
        CommandAsync<(IReadOnlyList<DataSet>, string?)>(
            now => _client.Read(address, data, now, command),
            client => client.Result == ProgrammingResult.Refused ? ([], client.Text)
                : client.TryReadData(out var values, out var error) ? (values, null)
                : throw new AssociationException(AssociationReason.DeviceError, $"{_driver.Name}: the answer of {Identification} can't be read: {error}."),
            cancellationToken);

    /// <summary>Writes a register (W1, or the command given).</summary>
    /// <returns>Null where it was done; else the device's reason.</returns>
    /// <inheritdoc cref="LoginAsync"/>
    public Task<string?> WriteAsync(string address, string data, string command = "W1", CancellationToken cancellationToken = default) =>
        CommandAsync(now => _client.Write(address, data, now, command), static client => client.Result == ProgrammingResult.Refused ? client.Text : null, cancellationToken);

    /// <summary>Says goodbye (B0).</summary>
    public async ValueTask DisposeAsync()
    {
        if (_ended) return;
        _ended = true;
        try
        {
            _client.Break();
            await _driver.FlushAsync(_client.Output, _opened.Line, CancellationToken.None).ConfigureAwait(false);
        }
        catch (LinkException)
        {
            // Politeness only: the device ends the exchange by itself when it hears no more.
        }
    }

    private async Task<T> CommandAsync<T>(Action<TimeSpan> send, Func<ProgrammingClient, T> result, CancellationToken cancellationToken)
    {
        await _turn.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_ended) throw new AssociationException(AssociationReason.LineError, $"{_driver.Name}: the exchange is over. Open the port anew.");
            send(_driver.Now);
            await WaitAsync(cancellationToken).ConfigureAwait(false);
            return result(_client);
        }
        finally
        {
            _turn.Leave();
        }
    }

    private async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (_client.Result == ProgrammingResult.Pending)
            {
                var octets = await _driver.StepAsync(_client.Output, _opened.Line, _client.NextDeadline, cancellationToken).ConfigureAwait(false);
                if (octets.IsEmpty) _client.Tick(_driver.Now);
                else _client.Receive(octets.Span, _driver.Now);
            }
        }
        catch
        {
            // Half an exchange: the device's answer would be taken for that to the next command.
            _ended = true;
            throw;
        }

        if (_client.Result != ProgrammingResult.Failed) return;
        _ended = true;
        throw OpticalOpening.Failed(_driver.Name, _client.Fault, _options, Identification);
    }
}
