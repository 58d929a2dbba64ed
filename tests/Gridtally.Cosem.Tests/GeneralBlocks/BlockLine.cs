using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.GeneralBlocks;

namespace Gridtally.Cosem.Tests.GeneralBlocks;

/// <summary>What happens to one block on its way.</summary>
public enum Mishap
{
    /// <summary>It does not arrive, or is damaged so that the layer below drops it.</summary>
    Lost,
    /// <summary>It arrives twice.</summary>
    Repeated,
    /// <summary>It arrives after the block behind it.</summary>
    Overtaken,
    /// <summary>It arrives once more at the very end.</summary>
    Late,
    /// <summary>Its length octet is damaged: it can't be read.</summary>
    Damaged,
}

/// <summary>A client's and a server's half of a transfer, joined by a line on which one block meets with a mishap.</summary>
internal sealed class BlockLine
{
    private readonly GeneralBlockTransfer _client;
    private readonly GeneralBlockTransfer _server;
    private readonly Queue<(bool ToServer, byte[] Block)> _line = new();
    private readonly int _maxPdu;
    private readonly byte[] _request;
    private readonly byte[] _response;
    private (bool ToServer, byte[] Block)? _held;
    private (bool ToServer, byte[] Block)? _late;
    private int _count;

    public BlockLine(byte[] request, byte[] response, byte window, int maxPdu)
    {
        (_request, _response, _maxPdu) = (request, response, maxPdu);
        _client = new(GeneralBlockRole.Initiator, window, 1_000_000);
        _server = new(GeneralBlockRole.Responder, window, 1_000_000);
    }

    /// <summary>Every block that was sent, with its direction.</summary>
    public List<(bool ToServer, byte[] Block)> Sent { get; } = [];

    /// <summary>How often the client had to ask again because nothing came.</summary>
    public int Timeouts { get; private set; }

    /// <summary>How often the server got the whole request.</summary>
    public int Served { get; private set; }

    /// <summary>Block number that meets with <see cref="Mishap"/>, from 0; -1 for none.</summary>
    public int Unlucky { get; init; } = -1;

    public Mishap Mishap { get; init; }

    /// <summary>Carries the request there and the response back.</summary>
    /// <returns>The response as the client has it; null where it has given up.</returns>
    public byte[]? Run()
    {
        _client.Outgoing.Write(_request);
        Assert.True(_client.TryBegin(_maxPdu));
        SendAll(_client, toServer: true);
        while (true)
        {
            while (_line.TryDequeue(out var next))
            {
                if (!GeneralBlock.TryRead(next.Block, out var block, out _)) continue;
                if (next.ToServer) Serve(block);
                else if (_client.Take(block) is var step && step == GeneralBlockStep.Received)
                {
                    var response = _client.Received.ToArray();
                    while (_line.TryDequeue(out var late))
                    {
                        // whatever else was on its way does no harm any more
                        if (!late.ToServer && GeneralBlock.TryRead(late.Block, out var old, out _)) Assert.Equal(GeneralBlockStep.Ignored, _client.Take(old));
                    }

                    return response;
                }
                else if (step == GeneralBlockStep.Send) SendAll(_client, toServer: true);
                else if (step == GeneralBlockStep.Failed) return null;
            }

            Timeouts++;
            if (!_client.Repeat()) return null;
            SendAll(_client, toServer: true);
        }
    }

    private void Serve(in GeneralBlock block)
    {
        var step = _server.Take(block);
        if (step == GeneralBlockStep.Received)
        {
            Served++;
            Assert.Equal(_request, _server.Received.ToArray());
            _server.Outgoing.Write(_response);
            Assert.True(_server.TryBegin(_maxPdu));
        }

        SendAll(_server, toServer: false);
    }

    private void SendAll(GeneralBlockTransfer from, bool toServer)
    {
        var output = new ArrayBufferWriter<byte>();
        while (from.TryNext(output))
        {
            Carry(toServer, output.WrittenSpan.ToArray());
            output.Clear();
        }

        if (_held is { } held) _line.Enqueue(held);
        if (_late is { } late && _line.Count == 0) _line.Enqueue(late);
        _held = null;
    }

    private void Carry(bool toServer, byte[] block)
    {
        Sent.Add((toServer, block));
        var mishap = _count++ == Unlucky ? Mishap : (Mishap?)null;
        switch (mishap)
        {
            case Mishap.Lost: break;
            case Mishap.Overtaken: _held = (toServer, block); return;
            case Mishap.Damaged: _line.Enqueue((toServer, [.. block[..^1]])); break;
            case Mishap.Repeated:
                _line.Enqueue((toServer, block));
                _line.Enqueue((toServer, block));
                break;
            case Mishap.Late:
                _line.Enqueue((toServer, block));
                _late = (toServer, block);
                break;
            default: _line.Enqueue((toServer, block)); break;
        }

        if (_held is { } held) _line.Enqueue(held);
        _held = null;
    }
}
