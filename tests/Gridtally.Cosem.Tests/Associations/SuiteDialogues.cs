using System.Security.Cryptography;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>Keys of every suite for a client and a server, and dialogues between the two. The random octets repeat from run to run.</summary>
internal static class SuiteDialogues
{
    public const Conformance Everything = Conformance.Supported | Conformance.GeneralProtection;

    public static readonly byte[] Secret = "the shared secret"u8.ToArray();

    public static byte[] PrivateKey(SecuritySuite suite, string name) => EllipticCurves.NewPrivateKey(suite, Random(name));

    public static SecurityKeys Keys(SecuritySuite suite, bool ofClient)
    {
        var (own, peer) = ofClient ? ("client", "server") : ("server", "client");
        return new(suite, Key(suite, "EK"), Key(suite, "AK"), Key(suite, "GBEK"), Key(suite, "KEK"))
        {
            Elliptic = !suite.HasPublicKeys() ? null : new(suite, PrivateKey(suite, own + " signing"), PrivateKey(suite, own + " agreement"),
                EllipticCurves.PublicKeyOf(suite, PrivateKey(suite, peer + " signing")), EllipticCurves.PublicKeyOf(suite, PrivateKey(suite, peer + " agreement"))),
        };
    }

    public static byte[] Key(SecuritySuite suite, string name) => SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(name))[..suite.KeySize()];

    /// <summary>Octets that follow from a name: the same in each run, never the same twice from one source.</summary>
    public static RandomSource Random(string name)
    {
        var drawn = 0;
        return target =>
        {
            for (var at = 0; at < target.Length;)
            {
                var octets = SHA256.HashData(System.Text.Encoding.ASCII.GetBytes($"{name} {drawn++}"));
                var size = Math.Min(octets.Length, target.Length - at);
                octets.AsSpan(0, size).CopyTo(target[at..]);
                at += size;
            }
        };
    }

    public static AssociationOptions Options(SecuritySuite suite, AuthenticationMechanism mechanism, Protection protection, KeyChoice key = KeyChoice.GlobalUnicast, Envelope envelope = Envelope.Service) => new()
    {
        Mechanism = mechanism,
        Password = Secret,
        Keys = Keys(suite, ofClient: true),
        Protection = protection,
        SystemTitle = Dialogue.ClientTitle,
        Challenge = "CtoSCtoSCtoSCtoSCtoSCtoSCtoSCtoS"u8.ToArray(),
        DedicatedKey = key == KeyChoice.Dedicated ? Key(suite, "dedicated") : default,
        Key = key == KeyChoice.Dedicated ? KeyChoice.GlobalUnicast : key,
        Envelope = envelope,
        Random = Random("client draws"),
    };

    public static AssociationSpec Spec(SecuritySuite suite, AuthenticationMechanism mechanism, SecurityPolicy policy) => new()
    {
        Mechanism = mechanism,
        Password = Secret,
        Keys = Keys(suite, ofClient: false),
        Policy = policy,
        SystemTitle = Dialogue.ServerTitle,
        Conformance = Everything,
        Challenge = () => "StoCStoCStoCStoCStoCStoCStoCStoC"u8.ToArray(),
        Random = Random("server draws"),
    };

    public static Dialogue Between(SecuritySuite suite, AuthenticationMechanism mechanism, Protection protection, KeyChoice key = KeyChoice.GlobalUnicast, Envelope envelope = Envelope.Service) =>
        new(Options(suite, mechanism, protection, key, envelope), Spec(suite, mechanism, SecurityPolicy.Both(protection)));
}
