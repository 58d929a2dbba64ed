using System.Runtime.CompilerServices;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Cosem.Quirks;
using Gridtally.Metering;

namespace Gridtally.Sessions;

/// <summary>One row of a profile, kept.</summary>
/// <param name="Utc">The row's time.</param>
/// <param name="Octets">The row as the meter sent it, written out in full: a structure, tag included.</param>
/// <param name="Layout">What its columns mean.</param>
public sealed record ProfileEntry(DateTime Utc, ReadOnlyMemory<byte> Octets, ProfileLayout Layout)
{
    /// <summary>The numbers of the row in the units of the layout; null for what is not a number (the clock, a status in bits) or fits in no decimal.</summary>
    public IReadOnlyList<decimal?> Values()
    {
        var raw = new long?[Layout.Columns.Length];
        if (!ProfileRow.TryReadNumbers(Octets.Span, raw)) return new decimal?[raw.Length];
        return [.. raw.Select((number, column) => number is { } known && Layout.Columns[column].Scale.TryScale(known, out var quantity) ? quantity : (decimal?)null)];
    }
}

/// <summary>How rows are read as a stream.</summary>
public sealed record ProfileReadOptions
{
    /// <summary>Time that one request covers. A day keeps answers short; longer steps save round trips.</summary>
    public TimeSpan Step { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Told after each block how far the request under way has come.</summary>
    public IProgress<TransferProgress>? Progress { get; init; }

    /// <summary>UTC minus local time in minutes, for meters whose clock sends no deviation.</summary>
    public short AssumedDeviationMinutes { get; init; }
}

/// <summary>Reads profiles row by row.</summary>
public static class ProfileReading
{
    private const ushort ProfileGeneric = 7;

    /// <summary>Reads the rows of a time range, both ends included, oldest first. The range is asked for in steps, so memory and waiting stay small.</summary>
    /// <param name="client">An association that may read the profile.</param>
    /// <param name="profile">Logical name of the profile.</param>
    /// <param name="from">First moment.</param>
    /// <param name="to">Last moment; not before <paramref name="from"/>.</param>
    /// <param name="options">Step and progress.</param>
    /// <param name="cancellationToken">Cancels the reading; in the middle of a request this closes the association.</param>
    /// <exception cref="RequestFailedException">The meter refused, or sent what is not a profile.</exception>
    /// <exception cref="AssociationException">There is no association any more.</exception>
    /// <exception cref="Gridtally.Links.LinkException">The channel was lost.</exception>
    public static async IAsyncEnumerable<ProfileEntry> ReadRowsAsync(
        this DlmsClient client, ObisCode profile, DateTimeOffset from, DateTimeOffset to, ProfileReadOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(to, from);
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Step, TimeSpan.FromSeconds(1), nameof(options));
        var (layout, failure) = await client.ReadLayoutAsync(profile, cancellationToken).ConfigureAwait(false);
        if (layout is null) throw new RequestFailedException($"{client.Name}: the columns of {profile} can't be read: {failure}", failure!);
        to = WholeSeconds(to); // rows are stamped with whole seconds; a bound between two would fall into the step of neither
        for (var start = WholeSeconds(from); start <= to; start = start + options.Step + TimeSpan.FromSeconds(1))
        {
            var end = to - start > options.Step ? start + options.Step : to;
            var access = SelectiveAccess.ByClock(Bound(client, start), Bound(client, end));
            var result = await client.GetAsync(new(ProfileGeneric, profile, 2), access, options.Progress, cancellationToken).ConfigureAwait(false);
            foreach (var row in Decode(client, result.Value(client), layout, options)) yield return row;
        }
    }

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));

    /// <summary>A time bound as this meter takes it.</summary>
    private static CosemDateTime Bound(DlmsClient client, DateTimeOffset time)
    {
        var bound = CosemDateTime.From(time);
        return client.Quirks.Accepts(Quirk.RangeWithoutDeviation)
            ? bound with { DeviationMinutes = CosemDateTime.NoDeviation, Status = ClockStatus.NotSpecified }
            : bound;
    }

    private static List<ProfileEntry> Decode(DlmsClient client, ReadOnlyMemory<byte> buffer, ProfileLayout layout, ProfileReadOptions options)
    {
        var rows = new List<ProfileEntry>();
        var clock = new ClockConvention(options.AssumedDeviationMinutes, client.Quirks.Accepts(Quirk.DeviationWithoutDst));
        var reader = new ProfileBufferReader(buffer.Span, layout, clock);
        while (reader.TryRead(out var row)) rows.Add(new(row.Utc, row.Octets.ToArray(), layout));
        if (!reader.Failed) return rows;
        throw new RequestFailedException(
            $"{client.Name}: the rows of {layout.Profile} are malformed after row {rows.Count}: {reader.Error}", new RequestFailure.Malformed(reader.Error));
    }
}
