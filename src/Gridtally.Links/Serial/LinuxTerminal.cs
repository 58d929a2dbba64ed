using System.Runtime.InteropServices;

namespace Gridtally.Links;

/// <summary>An open file descriptor of ours.</summary>
internal sealed class Descriptor : SafeHandle
{
    public Descriptor(int descriptor) : base(-1, ownsHandle: true) => SetHandle(descriptor);

    public override bool IsInvalid => handle == -1;

    protected override bool ReleaseHandle() => LinuxTerminal.Close((int)handle) == 0;
}

/// <summary>The few calls of the C library that a serial port needs. Constants are those of Linux on x86, Arm and RISC-V.</summary>
/// <remarks>termios(3), ioctl_tty(2), the kernel's Documentation/driver-api/serial/serial-rs485.rst.</remarks>
internal static partial class LinuxTerminal
{
    public const int ReadWrite = 0x2, NoControllingTerminal = 0x100, NonBlocking = 0x800, CloseOnExec = 0x80000;
    public const short PollIn = 0x1, PollOut = 0x4, PollError = 0x8, PollHangUp = 0x10;
    public const int InterruptedCall = 4, InputOutputError = 5, TryAgain = 11, AccessDenied = 13, Busy = 16, NotTerminal = 25, NoSuchFile = 2, NoSuchDevice = 6, NoDevice = 19, NotPermitted = 1, InvalidArgument = 22;
    public const int FlushInput = 0;
    private const nuint SetExclusive = 0x540C, SetRs485 = 0x542F;
    private const int LockExclusive = 2, LockNonBlocking = 4, SetNow = 0;
    private const uint CSize = 0x30, Cs7 = 0x20, Cs8 = 0x30, CStopB = 0x40, CRead = 0x80, ParEnb = 0x100, ParOdd = 0x200, CLocal = 0x800, CrtsCts = 0x80000000;
    private const uint InputParityCheck = 0x10;
    private const int VTime = 5, VMin = 6;

    // B300 … B921600, in the order of SerialSettings.BaudRates.
    private static readonly uint[] SpeedCodes = [7, 8, 9, 10, 11, 12, 13, 14, 15, 0x1001, 0x1002, 0x1003, 0x1004, 0x1005, 0x1006, 0x1007];

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(Descriptor descriptor, Span<byte> buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(Descriptor descriptor, ReadOnlySpan<byte> bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll([In, Out] PollEntry[] entries, nuint count, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFile(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "tcflush", SetLastError = true)]
    public static partial int Flush(Descriptor descriptor, int queue);

    /// <summary>Waits until all that was written is on the line.</summary>
    [LibraryImport("libc", EntryPoint = "tcdrain", SetLastError = true)]
    public static partial int Drain(Descriptor descriptor);

    [LibraryImport("libc", EntryPoint = "posix_openpt", SetLastError = true)]
    private static partial int OpenPseudoTerminalMaster(int flags);

    [LibraryImport("libc", EntryPoint = "grantpt", SetLastError = true)]
    public static partial int GrantPseudoTerminal(Descriptor descriptor);

    [LibraryImport("libc", EntryPoint = "unlockpt", SetLastError = true)]
    public static partial int UnlockPseudoTerminal(Descriptor descriptor);

    [LibraryImport("libc", EntryPoint = "ptsname_r", SetLastError = true)]
    public static partial int PseudoTerminalName(Descriptor descriptor, Span<byte> name, nuint size);

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    private static partial int GetAttributes(Descriptor descriptor, out Termios termios);

    [LibraryImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    private static partial int SetAttributes(Descriptor descriptor, int when, in Termios termios);

    [LibraryImport("libc", EntryPoint = "cfsetspeed", SetLastError = true)]
    private static partial int SetSpeed(ref Termios termios, uint speed);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    private static partial void MakeRaw(ref Termios termios);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int FileLock(Descriptor descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(Descriptor descriptor, nuint request);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(Descriptor descriptor, nuint request, in Rs485 settings);

    /// <summary>Opens a file; invalid, with errno set, where that fails.</summary>
    public static Descriptor Open(string path, int flags) => new(OpenFile(path, flags));

    /// <summary>A counter that wakes whoever polls it.</summary>
    public static Descriptor EventDescriptor() => new(EventFile(0, NonBlocking | CloseOnExec));

    /// <summary>The master of a new pseudo-terminal; invalid, with errno set, where that fails.</summary>
    public static Descriptor OpenPseudoTerminal(int flags) => new(OpenPseudoTerminalMaster(flags));

    /// <summary>Takes the port raw with these settings. False, with errno set, where the device refuses.</summary>
    public static bool TryConfigure(Descriptor descriptor, SerialSettings settings)
    {
        if (GetAttributes(descriptor, out var termios) != 0) return false;
        MakeRaw(ref termios);
        termios.ControlFlags &= ~(CSize | CStopB | ParEnb | ParOdd | CrtsCts);
        termios.ControlFlags |= CRead | CLocal | (settings.DataBits == 7 ? Cs7 : Cs8);
        if (settings.StopBits == 2) termios.ControlFlags |= CStopB;
        if (settings.Parity != Parity.None)
        {
            termios.ControlFlags |= ParEnb | (settings.Parity == Parity.Odd ? ParOdd : 0);
            // A character with a wrong parity is handed on as octet 0: the frame check of the protocol then rejects the frame.
            termios.InputFlags |= InputParityCheck;
        }

        // At least one octet per read, so that 0 octets mean a hang-up and not silence.
        termios.SetControlCharacter(VMin, 1);
        termios.SetControlCharacter(VTime, 0);
        var speed = SpeedCodes[SerialSettings.BaudRates.ToList().IndexOf(settings.Baud)];
        return SetSpeed(ref termios, speed) == 0 && SetAttributes(descriptor, SetNow, termios) == 0;
    }

    /// <summary>Keeps other programs that ask for this lock out; it goes with the process.</summary>
    public static bool TryLock(Descriptor descriptor) => FileLock(descriptor, LockExclusive | LockNonBlocking) == 0;

    /// <summary>Lets further opens of the port fail until it is closed.</summary>
    public static bool TrySetExclusive(Descriptor descriptor) => Control(descriptor, SetExclusive) == 0;

    /// <summary>Has the driver switch the transmitter of an RS-485 line. False where the driver can't.</summary>
    public static bool TrySetRs485(Descriptor descriptor, TimeSpan delayBefore, TimeSpan delayAfter)
    {
        const uint enabled = 1, rtsOnSend = 2;
        var settings = new Rs485
        {
            Flags = enabled | rtsOnSend,
            DelayBeforeMs = (uint)delayBefore.TotalMilliseconds,
            DelayAfterMs = (uint)delayAfter.TotalMilliseconds,
        };
        return Control(descriptor, SetRs485, settings) == 0;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Termios
    {
        public uint InputFlags, OutputFlags, ControlFlags, LocalFlags;
        public byte LineDiscipline;
        public fixed byte ControlCharacters[32];
        public uint InputSpeed, OutputSpeed;

        public void SetControlCharacter(int index, byte value) => ControlCharacters[index] = value;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Rs485
    {
        public uint Flags, DelayBeforeMs, DelayAfterMs, Padding0, Padding1, Padding2, Padding3, Padding4;
    }
}
