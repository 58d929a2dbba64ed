using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Metering;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests;

/// <summary>Valid service APDUs of every form, made up from a seed.</summary>
internal sealed class RandomApdus(int seed)
{
    private static readonly byte[][] SomeData =
    [
        Hex("00"), Hex("06 00BC614E"), Hex("09 0C 07EA010FFF0A0F0000800000"), Hex("02 02 1105 01 01 120003"), Hex("0100"), Hex("16FF"), Hex("0301"),
        Hex("13 12 06 000100020003"), [.. Hex("09 81 90"), .. new byte[0x90]], Hex("0F85"), Hex("04 09 FF80"),
    ];

    private readonly Random _random = new(seed);

    /// <summary>One APDU of each form.</summary>
    public IEnumerable<byte[]> All()
    {
        yield return Written(w => GetRequest.WriteNormal(w, Id(), Attribute(), 0, default));
        yield return Written(w => GetRequest.WriteNormal(w, Id(), Attribute(), Selector(), Data()));
        yield return Written(w => GetRequest.WriteNext(w, Id(), Number()));
        yield return Written(w => WriteAttributes(w, GetRequest.WriteListHead, Count()));
        yield return Written(w => GetResponse.WriteNormal(w, Id(), Failure()));
        yield return Written(w => WriteThenData(w, () => GetResponse.WriteNormalHead(w, Id())));
        yield return Written(w => GetResponse.WriteBlock(w, Id(), Flag(), Number(), Raw()));
        yield return Written(w => GetResponse.WriteBlock(w, Id(), Number(), Failure()));
        yield return Written(WriteGetList);
        yield return Written(w => SetRequest.WriteNormal(w, Id(), Attribute(), Selector(), Data(), Data()));
        yield return Written(w => SetRequest.WriteFirstBlock(w, Id(), Attribute(), 0, default, Flag(), Number(), Raw()));
        yield return Written(w => SetRequest.WriteBlock(w, Id(), Flag(), Number(), Raw()));
        yield return Written(w => WriteValues(w, count => WriteAttributes(w, SetRequest.WriteListHead, count)));
        yield return Written(w => WriteListBlock(w, () => WriteAttributes(w, SetRequest.WriteListFirstBlockHead, Count())));
        yield return Written(w => SetResponse.WriteNormal(w, Id(), Result()));
        yield return Written(w => SetResponse.WriteBlock(w, Id(), Number()));
        yield return Written(w => SetResponse.WriteLastBlock(w, Id(), Result(), Number()));
        yield return Written(w => WriteResults(w, SetResponse.WriteListHead));
        yield return Written(w => WriteThenNumber(w, () => WriteResults(w, SetResponse.WriteLastBlockListHead)));
        yield return Written(w => ActionRequest.WriteNormal(w, Id(), Method(), Flag() ? Data() : []));
        yield return Written(w => ActionRequest.WriteNext(w, Id(), Number()));
        yield return Written(w => WriteValues(w, count => WriteMethods(w, ActionRequest.WriteListHead, count)));
        yield return Written(w => ActionRequest.WriteFirstBlock(w, Id(), Method(), Flag(), Number(), Raw()));
        yield return Written(w => WriteListBlock(w, () => WriteMethods(w, ActionRequest.WriteListFirstBlockHead, Count())));
        yield return Written(w => ActionRequest.WriteBlock(w, Id(), Flag(), Number(), Raw()));
        yield return Written(w => ActionResponse.WriteNormal(w, Id(), (ActionResult)Result()));
        yield return Written(w => WriteThenData(w, () => ActionResponse.WriteNormalHead(w, Id())));
        yield return Written(w => ActionResponse.WriteBlock(w, Id(), Flag(), Number(), Raw()));
        yield return Written(WriteActionList);
        yield return Written(w => ActionResponse.WriteNext(w, Id(), Number()));
        yield return Written(w => WriteValues(w, count => WriteAccess(w, count)));
        yield return Written(w => WriteAccessResponse(w, echo: false));
        yield return Written(w => WriteAccessResponse(w, echo: true));
        yield return Written(w => WriteThenData(w, () => DataNotification.WriteHead(w, LongId(), Time())));
        yield return Written(w => new DataNotificationConfirm(LongId(), Time()).WriteTo(w));
        yield return Written(w => WriteThenData(w, () => EventNotification.WriteHead(w, Time(), Attribute())));
        yield return Written(WriteReport);
        yield return Written(w => new ConfirmedServiceError((byte)_random.Next(7), (byte)_random.Next(10), (byte)_random.Next(8)).WriteTo(w));
        yield return Written(w => new ExceptionResponse((ExceptionState)_random.Next(1, 3), (ExceptionService)_random.Next(1, 6)).WriteTo(w));
    }

    private InvokeIdAndPriority Id() => new((byte)_random.Next(256));

    private LongInvokeIdAndPriority LongId() => new((uint)_random.NextInt64(1L << 32));

    private int Count() => _random.Next(1, 5);

    private bool Flag() => _random.Next(2) == 0;

    private uint Number() => (uint)_random.NextInt64(1L << 32);

    private byte Selector() => (byte)_random.Next(1, 5);

    private byte[] Data() => SomeData[_random.Next(SomeData.Length)];

    private byte[] Raw()
    {
        var raw = new byte[_random.Next(300)];
        _random.NextBytes(raw);
        return raw;
    }

    private DataAccessResult Result() => (DataAccessResult)(_random.Next(3) * _random.Next(20));

    private DataAccessResult Failure() => (DataAccessResult)_random.Next(1, 20);

    private AttributeRef Attribute() => new((ushort)_random.Next(65536), ObisCode.Read(BitConverter.GetBytes(_random.NextInt64())), (sbyte)_random.Next(-128, 128));

    private MethodRef Method() => new((ushort)_random.Next(65536), ObisCode.Read(BitConverter.GetBytes(_random.NextInt64())), (sbyte)_random.Next(-128, 128));

    private CosemDateTime? Time() => Flag() ? null : CosemDateTime.From(new(2026, _random.Next(1, 13), 15, 10, 15, 0, TimeSpan.FromHours(1)));

    private void WriteAttributes(IBufferWriter<byte> w, Action<IBufferWriter<byte>, InvokeIdAndPriority, int> head, int count)
    {
        head(w, Id(), count);
        for (var i = 0; i < count; i++) GetRequest.WriteItem(w, Attribute(), (byte)(Flag() ? 0 : 2), Data());
    }

    private void WriteMethods(IBufferWriter<byte> w, Action<IBufferWriter<byte>, InvokeIdAndPriority, int> head, int count)
    {
        head(w, Id(), count);
        for (var i = 0; i < count; i++) Method().WriteTo(w);
    }

    private void WriteAccess(IBufferWriter<byte> w, int count)
    {
        AccessRequest.WriteHead(w, LongId(), Time(), count);
        WriteSpecifications(w, count);
    }

    private void WriteSpecifications(IBufferWriter<byte> w, int count)
    {
        for (var i = 0; i < count; i++) AccessSpecification.Write(w, (AccessKind)_random.Next(1, 6), Attribute(), Selector(), Data());
    }

    /// <summary>The head, the count again and as many Data.</summary>
    private void WriteValues(IBufferWriter<byte> w, Action<int> head, int? items = null)
    {
        var count = items ?? Count();
        head(count);
        w.WriteLength(count);
        for (var i = 0; i < count; i++) w.Write(Data());
    }

    private void WriteThenData(IBufferWriter<byte> w, Action head)
    {
        head();
        w.Write(Data());
    }

    private void WriteThenNumber(IBufferWriter<byte> w, Action head)
    {
        head();
        w.WriteUInt32(Number());
    }

    private void WriteListBlock(IBufferWriter<byte> w, Action head)
    {
        head();
        SetRequest.WriteListBlock(w, Flag(), Number(), Raw());
    }

    private void WriteGetList(IBufferWriter<byte> w)
    {
        var count = Count();
        GetResponse.WriteListHead(w, Id(), count);
        for (var i = 0; i < count; i++)
        {
            var failed = Flag();
            w.WriteByte(failed ? (byte)1 : (byte)0);
            w.Write(failed ? [(byte)Failure()] : Data());
        }
    }

    private void WriteResults(IBufferWriter<byte> w, Action<IBufferWriter<byte>, InvokeIdAndPriority, int> head)
    {
        var count = Count();
        head(w, Id(), count);
        for (var i = 0; i < count; i++) w.WriteByte((byte)Result());
    }

    private void WriteActionList(IBufferWriter<byte> w)
    {
        var count = Count();
        ActionResponse.WriteListHead(w, Id(), count);
        for (var i = 0; i < count; i++)
        {
            if (Flag()) ActionResponse.WriteItem(w, (ActionResult)Failure());
            else WriteThenData(w, () => ActionResponse.WriteDataHead(w));
        }
    }

    private void WriteAccessResponse(IBufferWriter<byte> w, bool echo)
    {
        var count = Count();
        AccessRequest.TryRead(Written(r => WriteValues(r, _ => WriteAccess(r, count), count)), out var request, out _);
        AccessResponse.WriteHead(w, LongId(), Time(), echo ? request.Specifications : default);
        w.WriteLength(count);
        for (var i = 0; i < count; i++) w.Write(Data());
        w.WriteLength(count);
        for (var i = 0; i < count; i++) AccessResponse.WriteResult(w, (AccessKind)_random.Next(1, 6), (byte)Result());
    }

    private void WriteReport(IBufferWriter<byte> w)
    {
        WriteValues(w, count =>
        {
            InformationReport.WriteHead(w, Flag() ? [] : Hex("07EA010FFF0A0F0000800000"), count);
            for (var i = 0; i < count; i++) InformationReport.WriteName(w, (ushort)_random.Next(65536));
        });
    }
}
