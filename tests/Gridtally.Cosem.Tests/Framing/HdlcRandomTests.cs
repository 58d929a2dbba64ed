using Gridtally.Cosem.Framing;
using Gridtally.Testing;

namespace Gridtally.Cosem.Tests.Framing;

public class HdlcRandomTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory, Shows("hdlc.recovery"), MemberData(nameof(Seeds))]
    public void On_a_bad_line_an_apdu_arrives_whole_or_the_link_ends_with_a_fault(int seed)
    {
        var random = new Random(seed);
        var window = random.Next(1, 8);
        var size = random.Next(32, 300);
        var badness = random.NextDouble() * 0.25;
        var line = new HdlcDialogue(
            HdlcDialogue.ClientOptions with { Parameters = new(size, size, window, window), Retries = 6 },
            HdlcDialogue.ServerOptions with { Parameters = new(size, size, window, window) });
        line.Line = (_, _, frame) => Damage(random, frame, badness);
        var (arrived, ended) = (0, 0);
        for (var i = 0; i < 8; i++)
        {
            if (line.Client.State != LinkState.Up) line.Open();
            if (line.Client.State != LinkState.Up) continue;
            var (request, answer) = (Random(random), Random(random));
            var asked = line.Requests.Count;
            line.Serve = got =>
            {
                Assert.Equal(request, got);
                return answer;
            };
            var got = line.Ask(request);
            Assert.InRange(line.Requests.Count - asked, 0, 1);
            if (got is null) { Assert.NotEqual(LinkFault.None, line.Client.Fault); ended++; }
            else { Assert.Equal(answer, got); arrived++; }
        }

        Assert.True(arrived + ended > 0 && (badness > 0.1 || arrived > 0), $"{arrived} arrived, {ended} ended at {badness:P0}");
    }

    private static byte[] Random(Random random)
    {
        var apdu = new byte[random.Next(1, 4000)];
        random.NextBytes(apdu);
        return apdu;
    }

    private static List<byte[]> Damage(Random random, byte[] frame, double badness)
    {
        if (random.NextDouble() >= badness) return [frame];
        byte[] damaged = [.. frame];
        switch (random.Next(6))
        {
            case 0: return [];
            case 1: return [frame, frame];
            case 2: damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8)); return [damaged];
            case 3: return [frame[..random.Next(frame.Length)]];
            case 4: damaged = new byte[random.Next(1, 100)]; random.NextBytes(damaged); return [damaged, frame];
            default: damaged[random.Next(damaged.Length)] = 0x7E; return [damaged];
        }
    }
}
