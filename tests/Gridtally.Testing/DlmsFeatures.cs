namespace Gridtally.Testing;

/// <summary>One line of docs/dlms-conformance.md.</summary>
/// <param name="Id">What tests name it by.</param>
/// <param name="Group">Heading of the document.</param>
/// <param name="Name">What a reader finds there.</param>
public sealed record DlmsFeature(string Id, string Group, string Name);

/// <summary>
/// What a DLMS/COSEM library can be asked for: the document's table of contents. Interface classes are not in it: their lines derive from
/// the class tables, as "class:id:version". A feature that no passing test shows is printed as not supported.
/// </summary>
public static class DlmsFeatures
{
    private const string Client = "client", Server = "server";

    public static IReadOnlyList<DlmsFeature> All { get; } =
    [
        .. BothSides("Services, logical names", ("get.normal", "GET"), ("get.next", "GET in datablocks"), ("get.with-list", "GET with list"),
            ("get.attribute-0", "GET of attribute 0 (all attributes)"),
            ("set.normal", "SET"), ("set.blocks", "SET in datablocks"), ("set.with-list", "SET with list"), ("set.with-list-blocks", "SET with list in datablocks"),
            ("set.attribute-0", "SET of attribute 0"),
            ("action.normal", "ACTION"), ("action.blocks", "ACTION, parameters in pblocks"), ("action.response-blocks", "ACTION, return data in pblocks"),
            ("action.with-list", "ACTION with list"), ("action.with-list-blocks", "ACTION with list in pblocks"),
            ("access", "ACCESS: get, set, action, with selection"), ("access.break-on-error", "ACCESS: break on error"),
            ("access.self-descriptive", "ACCESS: specifications echoed"),
            ("data-notification", "DataNotification"), ("data-notification.confirm", "DataNotification, confirmed"),
            ("event-notification", "EventNotification"), ("exception-response", "exception-response"),
            ("confirmed-service-error", "confirmed-service-error"), ("priority", "Priority management"), ("unconfirmed", "Unconfirmed service class"),
            ("long-invoke-id", "Long invoke id and priority"), ("conformance.negotiated", "Conformance negotiated"),
            ("conformance.honoured", "What was not negotiated is refused")),
        .. BothSides("Services, short names", ("sn.read", "Read"), ("sn.read-list", "Read, several names"), ("sn.read-blocks", "Read in blocks"),
            ("sn.parameterized", "Read with parameterized access"), ("sn.write", "Write"), ("sn.write-blocks", "Write in blocks"),
            ("sn.unconfirmed-write", "UnconfirmedWrite"), ("sn.information-report", "InformationReport"), ("sn.association", "Association SN object"),
            ("sn.hls", "HLS over short names"), ("sn.by-logical-name", "Logical names translated to short names")),
        .. BothSides("General block transfer", ("gbt.request", "Long requests"), ("gbt.response", "Long responses"), ("gbt.window", "Windows above 1"),
            ("gbt.streaming", "Streaming"), ("gbt.lost-block", "Lost blocks recovered"), ("gbt.ciphered", "Around ciphered APDUs")),
        .. Plain("Selective access", ("select.range", "Range by clock"), ("select.range-any", "Range by any capture object"), ("select.columns", "Selected columns"),
            ("select.entry", "Entry, with columns"), ("select.blocks", "Selective access in block transfer"), ("select.object-list", "Parameterised object_list")),
        .. Plain("Data", ("data.choices", "Every CHOICE of Data"), ("data.compact-array.read", "compact-array, read"), ("data.compact-array.write", "compact-array, written"),
            ("data.null-compression", "null-data compression of profile rows"), ("data.delta", "Delta types in profile rows"),
            ("data.date-time", "date-time with wildcards, deviation, status"), ("data.date-time.patterns", "Patterns: last day, n-th weekday, DST begin and end"),
            ("data.scaler-unit", "Scaler and unit"), ("data.json", "JSON, lossless"), ("data.xml", "XML, lossless"), ("data.columns", "Rows into typed columns")),
        .. BothSides("Authentication", ("mechanism.0", "0 lowest"), ("mechanism.1", "1 LLS"), ("mechanism.2", "2 HLS, manufacturer's (AES-ECB convention)"), ("mechanism.3", "3 HLS MD5"),
            ("mechanism.4", "4 HLS SHA-1"), ("mechanism.5", "5 HLS GMAC"), ("mechanism.6", "6 HLS SHA-256"), ("mechanism.7", "7 HLS ECDSA")),
        .. BothSides("Protection of APDUs", ("suite.0", "Suite 0: AES-GCM-128"), ("suite.1", "Suite 1: ECDH, ECDSA P-256, AES-GCM-128"), ("suite.2", "Suite 2: ECDH, ECDSA P-384, AES-GCM-256"),
            ("protect.authenticated", "Authentication only"), ("protect.encrypted", "Encryption only"), ("protect.both", "Authentication and encryption"),
            ("envelope.glo", "glo-*"), ("envelope.ded", "ded-* (dedicated key)"), ("envelope.general-glo", "general-glo-ciphering"), ("envelope.general-ded", "general-ded-ciphering"),
            ("envelope.general-ciphering.identified", "general-ciphering, identified key"), ("envelope.general-ciphering.wrapped", "general-ciphering, wrapped key"),
            ("envelope.general-ciphering.one-pass", "general-ciphering, agreed key C(1e,1s)"), ("envelope.general-ciphering.static", "general-ciphering, agreed key C(0e,2s)"),
            ("envelope.general-signing", "general-signing"), ("broadcast-key", "Broadcast key")),
        .. Plain("Security management", ("policy.v0", "Security policy, version 0"), ("policy.v1", "Security policy, version 1"), ("rights.attribute", "Protection demanded per attribute"),
            ("rights.method", "Protection demanded per method"), ("security.activate", "security_activate only strengthens"), ("key.transfer", "key_transfer (key wrap)"),
            ("key.agreement", "key_agreement"), ("key.generate", "generate_key_pair"), ("certificate.request", "generate_certificate_request"),
            ("certificate.import", "import_certificate"), ("certificate.export", "export_certificate"), ("certificate.remove", "remove_certificate"),
            ("counter.replay", "Replay refused"), ("counter.durable", "Invocation counters durable"), ("counter.exhausted", "Counter exhaustion"),
            ("counter.read-first", "Counter read through the public client first"), ("downgrade", "Downgraded mechanism refused")),
        .. Plain("Framing: HDLC", ("hdlc.addresses", "Addresses of 1, 2 and 4 octets"), ("hdlc.broadcast", "Broadcast addresses"), ("hdlc.multidrop", "Several stations on one line"),
            ("hdlc.segmentation", "Segmentation both ways"), ("hdlc.windows", "Windows 1 to 7"), ("hdlc.rr", "RR"), ("hdlc.rnr", "RNR"), ("hdlc.rej", "REJ"), ("hdlc.frmr", "FRMR"), ("hdlc.dm", "DM"), ("hdlc.ui", "UI"),
            ("hdlc.negotiation", "Parameter negotiation"), ("hdlc.inactivity", "Inactivity timeout"), ("hdlc.inter-octet", "Inter-octet timeout"),
            ("hdlc.resync", "Resynchronisation after garbage"), ("hdlc.recovery", "Lost, repeated and damaged frames")),
        .. Plain("Framing: others", ("wrapper.tcp", "Wrapper over TCP"), ("wrapper.udp", "Wrapper over UDP"), ("gateway", "Gateway header E6/E7"), ("mode-e", "IEC 62056-21 mode E opening"),
            ("mode-c", "IEC 62056-21 mode C reading"), ("mbus", "M-Bus framing of pushes"), ("raw", "Raw APDUs"), ("push.detect", "Push framing found by itself")),
        .. Plain("Tools", ("tool.decode", "gridtally decode: every frame and APDU explained"), ("tool.decode.damaged", "Damaged frames explained: where, expected, found"),
            ("tool.decode.reassembly", "Segments and blocks put together"), ("tool.decode.names", "Names, units and events in explanations"), ("tool.decode.ciphered", "Ciphered captures read with keys"),
            ("tool.decode.pcap", "pcap and pcapng files"), ("tool.decode.lines", "One capture per line to one JSON object per line"),
            ("tool.read", "gridtally read: registers, profiles, all options"), ("tool.write", "gridtally write"), ("tool.invoke", "gridtally invoke"),
            ("tool.dump", "A meter read completely to a file"), ("tool.template", "Such a file served again by a virtual meter")),
        .. Plain("Quirks of real meters", ("quirk.profile", "Quirk profile file"), ("quirk.named", "An error names the switch that would accept the answer")),
    ];

    public static bool IsKnown(string id) => id.StartsWith("class:", StringComparison.Ordinal) || All.Any(feature => feature.Id == id);

    /// <summary>Each feature twice: id + ".client" and id + ".server".</summary>
    private static IEnumerable<DlmsFeature> BothSides(string group, params (string Id, string Name)[] features) =>
        features.SelectMany(f => new[] { new DlmsFeature($"{f.Id}.{Client}", group, f.Name), new DlmsFeature($"{f.Id}.{Server}", group, f.Name) });

    private static IEnumerable<DlmsFeature> Plain(string group, params (string Id, string Name)[] features) =>
        features.Select(f => new DlmsFeature(f.Id, group, f.Name));
}
