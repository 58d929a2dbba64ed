namespace Gridtally.Links.Tests;

public sealed class MemoryLineTests
{
    [Fact]
    public async Task A_stream_may_be_read_in_other_pieces_than_it_was_written()
    {
        var (a, b) = MemoryLine.CreatePair();
        await a.WriteAsync(new byte[] { 1, 2, 3 }, default);
        await a.WriteAsync(new byte[] { 4 }, default);

        var buffer = new byte[2];
        Assert.Equal(2, await b.ReadAsync(buffer, default));
        Assert.Equal(1, await b.ReadAsync(buffer, default));
        Assert.Equal(1, await b.ReadAsync(buffer, default));
        Assert.Equal(4, buffer[0]);
    }

    [Fact]
    public async Task A_datagram_is_read_as_one_and_its_rest_is_lost_where_the_buffer_is_too_short()
    {
        var (a, b) = MemoryLine.CreatePair(datagrams: true);
        await a.WriteAsync(new byte[] { 1, 2, 3 }, default);
        await a.WriteAsync(new byte[] { 4 }, default);

        var buffer = new byte[2];
        Assert.Equal(2, await b.ReadAsync(buffer, default));
        Assert.Equal(1, await b.ReadAsync(buffer, default));
        Assert.Equal(4, buffer[0]);
    }

    [Fact]
    public async Task What_was_written_before_the_end_is_read_before_the_end()
    {
        var (a, b) = MemoryLine.CreatePair();
        await a.WriteAsync(new byte[] { 1 }, default);
        await a.DisposeAsync();

        var buffer = new byte[2];
        Assert.Equal(1, await b.ReadAsync(buffer, default));
        Assert.Equal(0, await b.ReadAsync(buffer, default));
        await Assert.ThrowsAsync<LinkException>(async () => await b.WriteAsync(new byte[1], default));
        await Assert.ThrowsAsync<LinkException>(async () => await a.WriteAsync(new byte[1], default));
    }

    [Fact]
    public async Task A_writer_waits_while_the_other_side_has_a_full_buffer()
    {
        var (a, b) = MemoryLine.CreatePair();
        await a.WriteAsync(new byte[MemoryLine.MaxBuffered], default);
        var writing = a.WriteAsync(new byte[] { 1 }, default).AsTask();
        Assert.False(writing.IsCompleted);

        Assert.Equal(MemoryLine.MaxBuffered, await b.ReadAsync(new byte[MemoryLine.MaxBuffered], default));

        await writing;
    }
}
