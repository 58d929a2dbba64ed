using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Profiles;
using Gridtally.Cosem.Security;

namespace Gridtally.Workloads;

/// <summary>Workloads h: a data-notification of twenty values, from the octets of the line to what a receiver keeps.</summary>
internal sealed class PushWorkload : IWorkload
{
    private const int Values = 18;

    private const string PlainFrame =
        "000100010010008E0F000000010C07EA010F040A0F0000800000021409104B464D31303030313030303030303031090C07EA010F040A0F000080000006000F424006001E8480"
        + "06002DC6C006003D090006004C4B4006005B8D8006006ACFC006007A1200060089544006009896800600A7D8C00600B71B000600C65D400600D59F800600E4E1C00600F42400"
        + "0601036640060112A880";

    private const string CipheredFrame =
        "00010000000000ABDB08424E4D3030303031819F300000006444D6D6D7BE399B601CDF5ED63477F35D111F448D3A7966BFE933A3D64F17BDF005BCE4E55E7CB954F32A86954F"
        + "307E9A67866AC2734AA4BBBE057D93E8DECA1AFA0C1C01B9225A74C6CA090720C5A24D2A72DAB8DB2CF58601A9DEA4247CB0EB6972E111B51A24E7A36E7694FD32DF94E5681C"
        + "185656A602C602DD773457824E31575AC172C923712813251C9F8B84BFA206655681AE7864AA83";

    private readonly bool _ciphered;
    private readonly byte[] _frame;
    private readonly WrapperServer _line = new();
    private readonly GcmKey _key = new(Golden.EncryptionKey, Golden.AuthenticationKey);
    private readonly byte[] _plain = new byte[256];
    private readonly OctetRange[] _name = new OctetRange[1];
    private readonly byte[] _meter = new byte[16];
    private readonly DateTimeOffset[] _captured = new DateTimeOffset[1];
    private readonly long[][] _values = [.. Enumerable.Range(0, Values).Select(_ => new long[1])];
    private readonly ColumnSet _columns;
    private DateTime _sent;

    public PushWorkload(bool ciphered)
    {
        _ciphered = ciphered;
        _frame = Convert.FromHexString(ciphered ? CipheredFrame : PlainFrame);
        _columns = new ColumnSet(Values + 2).Octets(0, _name).Time(1, _captured);
        for (var i = 0; i < Values; i++) _columns.Int64(2 + i, _values[i]);
        Golden.Same("octets of the frame", ciphered ? 179 : 150, _frame.Length);
        Run();
        var time = new DateTime(2026, 1, 15, 10, 15, 0, DateTimeKind.Utc);
        if (!ciphered) Golden.Same("date-time of the notification", time.Ticks, _sent.Ticks);
        Golden.Same("date-time of the values", time.Ticks, _captured[0].UtcTicks);
        Golden.SameText("meter", "KFM1000100000001", System.Text.Encoding.ASCII.GetString(_meter));
        for (var i = 0; i < Values; i++) Golden.Same($"value {i}", 1_000_000 * (i + 1), _values[i][0]);
    }

    public void Run()
    {
        _line.Receive(_frame, default);
        if (!_line.TryTakeEvent(out var pushed)) throw new WorkloadException("No APDU came out of the wrapper.");
        if (!TryRead(_ciphered ? Decipher(pushed.Apdu.Span) : pushed.Apdu.Span)) throw new WorkloadException("The notification can't be read.");
    }

    public void Dispose() => _key.Dispose();

    private ReadOnlySpan<byte> Decipher(ReadOnlySpan<byte> apdu)
    {
        if (!CipheredApdu.TryRead(apdu, out var ciphered, out var error)) throw new WorkloadException($"The frame is not ciphered: {error}.");
        var plain = _plain.AsSpan(0, ciphered.Content.Length);
        return _key.TryUnprotect(ciphered, SystemTitle.Read(ciphered.SystemTitle), plain) ? plain : throw new WorkloadException("The frame does not verify.");
    }

    private bool TryRead(ReadOnlySpan<byte> apdu)
    {
        if (!DataNotification.TryRead(apdu, out var notification, out _)) return false;
        if (notification.DateTime is { } sent && !sent.TryToUtc(out _sent)) return false;
        return _columns.TryReadRow(notification.Data, 0, out _) && _name[0].In(notification.Data).TryCopyTo(_meter);
    }
}
