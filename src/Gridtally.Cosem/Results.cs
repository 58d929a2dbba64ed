namespace Gridtally.Cosem;

/// <summary>How a device answered the request for one attribute.</summary>
/// <remarks>Data-Access-Result, IEC 62056-5-3.</remarks>
public enum DataAccessResult : byte
{
#pragma warning disable CS1591 // each name is the standard's own
    Success = 0, HardwareFault = 1, TemporaryFailure = 2, ReadWriteDenied = 3, ObjectUndefined = 4, ObjectClassInconsistent = 9,
    ObjectUnavailable = 11, TypeUnmatched = 12, ScopeOfAccessViolated = 13, DataBlockUnavailable = 14, LongGetAborted = 15,
    NoLongGetInProgress = 16, LongSetAborted = 17, NoLongSetInProgress = 18, DataBlockNumberInvalid = 19, OtherReason = 250,
#pragma warning restore CS1591
}

/// <summary>How a device answered the request to invoke one method.</summary>
/// <remarks>Action-Result, IEC 62056-5-3.</remarks>
public enum ActionResult : byte
{
#pragma warning disable CS1591 // each name is the standard's own
    Success = 0, HardwareFault = 1, TemporaryFailure = 2, ReadWriteDenied = 3, ObjectUndefined = 4, ObjectClassInconsistent = 9,
    ObjectUnavailable = 11, TypeUnmatched = 12, ScopeOfAccessViolated = 13, DataBlockUnavailable = 14, LongActionAborted = 15,
    NoLongActionInProgress = 16, OtherReason = 250,
#pragma warning restore CS1591
}
