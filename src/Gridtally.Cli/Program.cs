using System.CommandLine;
using Gridtally.Cli.Commands;

var root = new RootCommand("Gridtally: virtual meters, a concentrator and a head end that speak DLMS/COSEM, and the tools to look into the talk.\n"
    + "Exit codes: 0 done, 1 failed, 2 usage.")
{
    DemoCommand.Create(), MeterCommand.Create(), ConcentratorCommand.Create(), HeadEndCommand.Create(), ReadCommand.Create(), WriteCommand.Create(), InvokeCommand.Create(), DecodeCommand.Create(), BenchCommand.Create(),
};

return await CommandRunner.RunAsync(root, args).ConfigureAwait(false);
