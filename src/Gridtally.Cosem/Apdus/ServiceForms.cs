namespace Gridtally.Cosem.Apdus;

/// <summary>One form of a service that uses logical names, and what must have been negotiated for it.</summary>
/// <param name="Tag">First octet of the plain APDU.</param>
/// <param name="Kind">Second octet; 0 for services that have one form only.</param>
/// <param name="Name">The standard's name.</param>
/// <param name="Needed">All of these bits.</param>
public readonly record struct ServiceForm(ApduTag Tag, byte Kind, string Name, Conformance Needed);

/// <summary>Which conformance bits each form of a service needs. Client and server ask the same table.</summary>
/// <remarks>Conformance, IEC 62056-5-3. Selective access and attribute 0 add to it what <see cref="Selection"/> and <see cref="AllAttributes"/> say.</remarks>
public static class ServiceForms
{
    private const int Kinds = 8;

    /// <summary>Needed besides where a request carries a selector.</summary>
    public const Conformance Selection = Conformance.SelectiveAccess;

    /// <summary>Every form of a request or notification.</summary>
    public static readonly ServiceForm[] Table =
    [
        Of(ApduTag.GetRequest, (byte)GetRequestKind.Normal, "get-request-normal", Conformance.Get),
        Of(ApduTag.GetRequest, (byte)GetRequestKind.Next, "get-request-next", Conformance.Get | Conformance.BlockTransferWithGetOrRead),
        Of(ApduTag.GetRequest, (byte)GetRequestKind.WithList, "get-request-with-list", Conformance.Get | Conformance.MultipleReferences),

        Of(ApduTag.SetRequest, (byte)SetRequestKind.Normal, "set-request-normal", Conformance.Set),
        Of(ApduTag.SetRequest, (byte)SetRequestKind.WithFirstDatablock, "set-request-with-first-datablock", Conformance.Set | Conformance.BlockTransferWithSetOrWrite),
        Of(ApduTag.SetRequest, (byte)SetRequestKind.WithDatablock, "set-request-with-datablock", Conformance.Set | Conformance.BlockTransferWithSetOrWrite),
        Of(ApduTag.SetRequest, (byte)SetRequestKind.WithList, "set-request-with-list", Conformance.Set | Conformance.MultipleReferences),
        Of(ApduTag.SetRequest, (byte)SetRequestKind.WithListAndFirstDatablock, "set-request-with-list-and-first-datablock",
            Conformance.Set | Conformance.MultipleReferences | Conformance.BlockTransferWithSetOrWrite),

        Of(ApduTag.ActionRequest, (byte)ActionRequestKind.Normal, "action-request-normal", Conformance.Action),
        Of(ApduTag.ActionRequest, (byte)ActionRequestKind.NextPblock, "action-request-next-pblock", Conformance.Action | Conformance.BlockTransferWithAction),
        Of(ApduTag.ActionRequest, (byte)ActionRequestKind.WithList, "action-request-with-list", Conformance.Action | Conformance.MultipleReferences),
        Of(ApduTag.ActionRequest, (byte)ActionRequestKind.WithFirstPblock, "action-request-with-first-pblock", Conformance.Action | Conformance.BlockTransferWithAction),
        Of(ApduTag.ActionRequest, (byte)ActionRequestKind.WithListAndFirstPblock, "action-request-with-list-and-first-pblock",
            Conformance.Action | Conformance.MultipleReferences | Conformance.BlockTransferWithAction),
        Of(ApduTag.ActionRequest, (byte)ActionRequestKind.WithPblock, "action-request-with-pblock", Conformance.Action | Conformance.BlockTransferWithAction),

        Of(ApduTag.AccessRequest, 0, "access-request", Conformance.Access),
        Of(ApduTag.DataNotification, 0, "data-notification", Conformance.DataNotification),
        Of(ApduTag.DataNotificationConfirm, 0, "data-notification-confirm", Conformance.DataNotification),
        Of(ApduTag.EventNotificationRequest, 0, "event-notification-request", Conformance.EventNotification),
        Of(ApduTag.InformationReportRequest, 0, "information-report-request", Conformance.InformationReport),
    ];

    private static readonly Conformance[] Needed = BuildNeeded();

    /// <summary>The bits that a plain APDU with these first two octets needs; <see cref="Conformance.None"/> for those that the table does not list.</summary>
    public static Conformance NeededBy(ApduTag tag, byte kind)
    {
        var index = ((byte)tag * Kinds) + (kind < Kinds ? kind : 0);
        return Needed[index];
    }

    /// <summary>Needed besides to read or write attribute 0, which stands for all attributes.</summary>
    public static Conformance AllAttributes(ApduTag tag) => tag == ApduTag.SetRequest ? Conformance.Attribute0SupportedWithSet : Conformance.Attribute0SupportedWithGet;

    internal static Conformance NeededBy(GetRequestKind kind) => NeededBy(ApduTag.GetRequest, (byte)kind);

    internal static Conformance NeededBy(SetRequestKind kind) => NeededBy(ApduTag.SetRequest, (byte)kind);

    internal static Conformance NeededBy(ActionRequestKind kind) => NeededBy(ApduTag.ActionRequest, (byte)kind);

    private static ServiceForm Of(ApduTag tag, byte kind, string name, Conformance needed) => new(tag, kind, name, needed);

    private static Conformance[] BuildNeeded()
    {
        var needed = new Conformance[256 * Kinds];
        foreach (var form in Table) needed[((byte)form.Tag * Kinds) + form.Kind] = form.Needed;
        return needed;
    }
}
