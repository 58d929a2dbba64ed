using Gridtally.Cosem.Security;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests;

public class KeyWrapTests
{
    private static readonly byte[] Kek = Hex("000102030405060708090A0B0C0D0E0F");
    private static readonly byte[] Key = Hex("00112233445566778899AABBCCDDEEFF");

    // RFC 3394, 4.1.
    private static readonly byte[] Wrapped = Hex("1FA68B0A8112B447 AEF34BD8FB5A7B82 9D3E862371D2CFE5");

    [Fact]
    public void A_key_is_wrapped_as_in_the_vector_of_the_RFC() => Assert.Equal(Wrapped, KeyWrap.Wrap(Kek, Key));

    [Fact]
    public void The_wrapped_key_of_the_RFC_is_unwrapped()
    {
        Assert.True(KeyWrap.TryUnwrap(Kek, Wrapped, out var key));
        Assert.Equal(Key, key);
    }

    [Fact]
    public void A_key_of_32_octets_under_one_of_32_is_wrapped_as_in_the_RFC()
    {
        // RFC 3394, 4.6.
        var kek = Hex("000102030405060708090A0B0C0D0E0F 101112131415161718191A1B1C1D1E1F");
        var key = Hex("00112233445566778899AABBCCDDEEFF 000102030405060708090A0B0C0D0E0F");

        Assert.Equal(Hex("28C9F404C4B810F4 CBCCB35CFB87F826 3F5786E2D80ED326 CBC7F0E71A99F43B FB988B9B7A02DD21"), KeyWrap.Wrap(kek, key));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(23)]
    public void One_changed_octet_is_noticed(int at)
    {
        var changed = (byte[])Wrapped.Clone();
        changed[at] ^= 1;

        Assert.False(KeyWrap.TryUnwrap(Kek, changed, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(23)]
    [InlineData(25)]
    [InlineData(48)]
    public void What_can_not_be_a_wrapped_key_is_refused_by_its_length(int length) =>
        Assert.False(KeyWrap.TryUnwrap(Kek, new byte[length], out _));
}
