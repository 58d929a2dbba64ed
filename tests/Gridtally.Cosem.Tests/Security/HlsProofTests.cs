using System.Security.Cryptography;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Tests.Associations;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests;

/// <summary>The proofs of mechanisms 2, 3, 4 and 6, octet by octet: made with other tools from the formulas of the standard.</summary>
public sealed class HlsProofTests
{
    // challenge "StoC" x 8, secret "the shared secret", client title GTC 1, server title GTM 77, CtoS "CtoS" x 8.
    // printf 'StoC...the shared secret' | md5sum, sha1sum; openssl enc -aes-128-ecb -nopad -K 74686520736861726564207365637265;
    // printf 'the shared secret<titles><StoC><CtoS>' | sha256sum.
    [Theory]
    [InlineData(AuthenticationMechanism.HighLevelManufacturer, "5B210EBE4FCE81660EC515396E7EF7ED5B210EBE4FCE81660EC515396E7EF7ED")]
    [InlineData(AuthenticationMechanism.HighLevelMd5, "22BD33AC857988241FF984FDD3F30F8A")]
    [InlineData(AuthenticationMechanism.HighLevelSha1, "5F05B995608504A7BC967053F40C72898DCE1622")]
    [InlineData(AuthenticationMechanism.HighLevelSha256, "C49A994E856FAA2E83811C8547E7407709FC314D3626EF87618416AC46A878D1")]
    public void Pass_3_carries_the_proof_that_the_mechanism_defines(AuthenticationMechanism mechanism, string proof)
    {
        using var talk = SuiteDialogues.Between(Cosem.Security.SecuritySuite.Suite0, mechanism, Cosem.Security.Protection.None);
        talk.Open();

        Assert.Equal($"C301C1000F0000280000FF010109{proof.Length / 2:X2}{proof}", Convert.ToHexString(talk.Apdus[2]));
    }

    [Fact]
    public void The_server_proves_with_the_titles_and_challenges_the_other_way_round()
    {
        using var talk = SuiteDialogues.Between(Cosem.Security.SecuritySuite.Suite0, AuthenticationMechanism.HighLevelSha256, Cosem.Security.Protection.None);
        talk.Open();

        byte[] input = [.. SuiteDialogues.Secret, .. Hex("47544D000000004D 4754430000000001"), .. "CtoSCtoSCtoSCtoSCtoSCtoSCtoSCtoSStoCStoCStoCStoCStoCStoCStoCStoC"u8];
        Assert.Equal($"C701C10001000920{Convert.ToHexString(SHA256.HashData(input))}", Convert.ToHexString(talk.Apdus[3]));
    }
}
