using System.Buffers;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>Golden APDUs, mutilated from a fixed seed: there is always an answer and never an exception.</summary>
public sealed class AnyOctetsTests
{
    private const int Rounds = 4000;

    [Theory]
    [InlineData(Protection.None)]
    [InlineData(Protection.AuthenticatedEncrypted)]
    public void Whatever_arrives_the_server_answers_and_serves_the_next_client(Protection protection)
    {
        using var talk = Open(protection);
        foreach (var octets in Mutilated(seed: 1))
        {
            var answer = talk.Ask(octets);
            Assert.True(answer.Length == 0 ? MayBeSilent(octets) : Decoding.TryDecode(answer, answer[0], out _), Convert.ToHexString(octets));
        }

        talk.Client.Reset();
        talk.Server.Reset();
        Assert.Equal(ClientStep.Associated, talk.Open());
        Assert.True(talk.Get(TestDevice.Name).Succeeded);
    }

    [Theory]
    [InlineData(Protection.None)]
    [InlineData(Protection.AuthenticatedEncrypted)]
    public void Whatever_arrives_the_client_comes_to_a_step(Protection protection)
    {
        using var talk = Open(protection);
        var output = new ArrayBufferWriter<byte>();
        var requests = 0;
        foreach (var octets in Mutilated(seed: 2))
        {
            if (talk.Client.State == ClientState.Idle) talk.Client.Open(output);
            else if (talk.Client.State == ClientState.Ready && requests++ % 2 == 0) talk.Client.Get(TestDevice.Profile, null, output);
            else if (talk.Client.State == ClientState.Ready) talk.Client.Set(TestDevice.Setting, new byte[] { 0 }, output);
            output.ResetWrittenCount();

            Assert.True(Enum.IsDefined(talk.Client.Receive(octets, output)));
        }
    }

    private static Dialogue Open(Protection protection) =>
        protection == Protection.None ? Dialogue.Plain() : Dialogue.Ciphered(protection).Associated();

    /// <summary>Silence is for an AARQ that forbids its answer, for the unconfirmed service class, and for what is an answer itself.</summary>
    private static bool MayBeSilent(byte[] octets) => octets[0] switch
    {
        0x60 or 0x10 => true,
        0xC1 or 0xC3 => (octets[2] & 0x40) == 0,
        0xD9 => (octets[1] & 0x40) == 0,
        _ => false,
    };

    private static IEnumerable<byte[]> Mutilated(int seed)
    {
        var random = new Random(seed);
        var golden = Decoding.Vectors.Select(v => v.Octets).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            var octets = golden[random.Next(golden.Length)].ToArray();
            for (var changes = random.Next(4); changes > 0; changes--) octets[random.Next(octets.Length)] = (byte)random.Next(256);
            yield return random.Next(4) == 0 ? octets[..random.Next(octets.Length)] : octets;
        }
    }
}
