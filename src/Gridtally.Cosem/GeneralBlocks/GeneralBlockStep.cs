namespace Gridtally.Cosem.GeneralBlocks;

/// <summary>Which side of a general block transfer this is.</summary>
public enum GeneralBlockRole : byte
{
    /// <summary>Asks, and asks again when nothing comes: a client. What it has heard before it does not answer, so that a late block does not double the traffic.</summary>
    Initiator,
    /// <summary>Answers whatever it is asked, and has no clock: a server.</summary>
    Responder,
}

/// <summary>What a received block has led to.</summary>
public enum GeneralBlockStep : byte
{
    /// <summary>The other side goes on sending: wait.</summary>
    Wait,
    /// <summary>Blocks are to be sent: take them with <see cref="GeneralBlockTransfer.TryNext"/>.</summary>
    Send,
    /// <summary>The other side's APDU is whole: <see cref="GeneralBlockTransfer.Received"/>.</summary>
    Received,
    /// <summary>Nothing new: a block that was there before, or one that belongs to no transfer here.</summary>
    Ignored,
    /// <summary>The transfer is over without a result: see <see cref="GeneralBlockTransfer.Fault"/>.</summary>
    Failed,
}

/// <summary>Why a general block transfer has failed.</summary>
public enum GeneralBlockFault : byte
{
    /// <summary>Nothing is wrong.</summary>
    None,
    /// <summary>The other side gave the transfer up.</summary>
    Aborted,
    /// <summary>The other side's APDU has more octets than are taken.</summary>
    TooLong,
    /// <summary>The same blocks were asked for over and over, without getting on.</summary>
    NoProgress,
}
