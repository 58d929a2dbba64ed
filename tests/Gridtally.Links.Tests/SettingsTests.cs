namespace Gridtally.Links.Tests;

public sealed class SettingsTests
{
    [Theory]
    [InlineData("9600 8N1", 9600, 8, Parity.None, 1, 10)]
    [InlineData("9600 7E1", 9600, 7, Parity.Even, 1, 10)]
    [InlineData("300 7e1", 300, 7, Parity.Even, 1, 10)]
    [InlineData("19200 8O2", 19200, 8, Parity.Odd, 2, 12)]
    [InlineData("115200", 115200, 8, Parity.None, 1, 10)]
    public void Serial_settings_are_read(string text, int baud, int data, Parity parity, int stop, int bitsPerOctet)
    {
        var settings = SerialSettings.Parse(text);

        Assert.Equal(new(baud, data, parity, stop), settings);
        Assert.Equal(bitsPerOctet, settings.BitsPerOctet);
        Assert.Equal(settings, SerialSettings.Parse(settings.ToString()));
    }

    [Theory]
    [InlineData("9601", "'9601' is not a baud rate that can be set: expected one of 300, 600,")]
    [InlineData("9600 8X1", "'8X1' is not a character format: expected data bits (7, 8), parity (N, E, O) and stop bits (1, 2), such as 8N1.")]
    [InlineData("9600 8N3", "'8N3' is not a character format")]
    [InlineData("", "'' is not a serial setting")]
    public void A_bad_serial_setting_names_the_bad_part(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<FormatException>(() => SerialSettings.Parse(text)).Message);

    [Fact]
    public void A_line_of_9600_baud_8N1_takes_a_second_for_960_octets() =>
        Assert.Equal(TimeSpan.FromSeconds(1), SerialSettings.Default.TransmitTime(960));

    [Theory]
    [InlineData("tcp://10.0.0.7:4060", "tcp 10.0.0.7:4060")]
    [InlineData("tcp://meter.example", "tcp meter.example:4059")]
    [InlineData("tcp://[::1]:4060", "tcp [::1]:4060")]
    [InlineData("UDP://10.0.0.7:1", "udp 10.0.0.7:1")]
    [InlineData("serial:///dev/ttyS1", "serial /dev/ttyS1 9600 8N1")]
    [InlineData("serial:///dev/ttyS1?baud=300&data=7&parity=E&stop=2", "serial /dev/ttyS1 300 7E2")]
    public void An_address_says_what_it_opens(string text, string name) => Assert.Equal(name, LinkAddress.Parse(text).Name);

    [Theory]
    [InlineData("10.0.0.7:4059", "'10.0.0.7:4059' is not an address: expected tcp://host:port, udp://host:port or serial:///dev/ttyUSB0?baud=9600&parity=N.")]
    [InlineData("tcp://h:70000", "'tcp://h:70000': '70000' is not a port: expected a number from 1 to 65535.")]
    [InlineData("tcp://:4059", "'tcp://:4059': '' is not a host")]
    [InlineData("serial://ttyS1", "'serial://ttyS1': 'ttyS1' is not the device file of a port: expected three slashes")]
    [InlineData("serial:///dev/ttyS1?speed=1", "'serial:///dev/ttyS1?speed=1': 'speed' is not a serial setting: expected baud, data, parity, stop, rs485.")]
    [InlineData("serial:///dev/ttyS1?baud=12", "'serial:///dev/ttyS1?baud=12': '12' is not a baud rate")]
    public void A_bad_address_names_the_bad_part(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<FormatException>(() => LinkAddress.Parse(text)).Message);

    [Theory]
    [InlineData("baud=9600,turnaround=20ms,latency=50ms,jitter=5ms,loss=0.1,noise=0.0001,duplicate=0.01,collisions=on,outage=60s+20s,outage=90s+1s,outages=600s/5s,seed=7")]
    [InlineData("")]
    public void Line_conditions_are_written_as_they_are_read(string text) => Assert.Equal(text, LineConditions.Parse(text).ToString());

    [Fact]
    public void Line_conditions_may_be_given_in_percent_and_in_other_units()
    {
        var line = LineConditions.Parse("loss=10%, noise=1e-4, latency=1.5s, outages=10m/1h");

        Assert.Equal((0.1, 1e-4), (line.Loss, line.Noise));
        Assert.Equal((TimeSpan.FromSeconds(1.5), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1)), (line.Latency, line.OutageEvery, line.OutageLength));
    }

    [Theory]
    [InlineData("lost=1", "'lost=1': 'lost' is not a property of a line: expected baud, bits, turnaround, latency, jitter, loss,")]
    [InlineData("baud=9600,loss=2", "'loss=2': expected a probability, such as 0.1, 10% or 1e-4.")]
    [InlineData("latency=50", "'latency=50': expected a time with its unit, such as 20ms, 1.5s or 2m.")]
    [InlineData("baud=fast", "'baud=fast': expected bits per second")]
    [InlineData("outage=60s", "'outage=60s': expected start and length, such as 60s+20s.")]
    [InlineData("collisions=yes", "'collisions=yes': expected on or off.")]
    public void A_bad_line_condition_is_named(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<FormatException>(() => LineConditions.Parse(text)).Message);
}
