using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;

namespace Gridtally.Sessions;

/// <content>Rows by time and by entry.</content>
public readonly partial record struct ProfileGenericView
{
    /// <summary>Reads the rows whose clock lies in a range, both ends included. For long ranges see <see cref="ProfileReading.ReadRowsAsync"/>.</summary>
    public Task<CosemValue> GetBufferAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken = default) =>
        GetBufferAsync(SelectiveAccess.ByClock(CosemDateTime.From(from), CosemDateTime.From(to)), cancellationToken);

    /// <summary>Reads rows by their place, 1 being the oldest (first in sort order).</summary>
    /// <param name="fromEntry">First row.</param>
    /// <param name="toEntry">Last row; 0 for the last one there is.</param>
    /// <param name="cancellationToken">Cancels the request; in mid-way this closes the association.</param>
    public Task<CosemValue> GetBufferAsync(uint fromEntry, uint toEntry, CancellationToken cancellationToken = default) =>
        GetBufferAsync(SelectiveAccess.By(new EntryDescriptor(fromEntry, toEntry)), cancellationToken);
}
