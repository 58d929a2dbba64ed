using Gridtally.Conformance;
using Gridtally.Cosem.Classes;

// conformance write|check <folder of TRX files> <document> <test assembly>…
if (args.Length < 4 || args[0] is not ("write" or "check"))
{
    Console.Error.WriteLine("Usage: write|check <folder of TRX files> <document> <test assembly>...");
    return 2;
}

var run = TestRun.Read(args[1]);
if (run.IsEmpty)
{
    Console.Error.WriteLine($"{args[1]} holds no results; run ./test unit endtoend first.");
    return 1;
}

var marks = new Marks();
foreach (var assembly in args[3..]) marks.Add(Path.GetFullPath(assembly), run);
foreach (var unknown in marks.Unknown.Distinct()) Console.Error.WriteLine(unknown);
if (marks.Unknown.Count > 0) return 1;

var document = Document.Write(marks, InterfaceClasses.All);
if (args[0] == "write")
{
    File.WriteAllText(args[2], document);
    return 0;
}

if (File.Exists(args[2]) && File.ReadAllText(args[2]) == document) return 0;
Console.Error.WriteLine($"{args[2]} is not what this test run shows; run scripts/conformance and look at the difference.");
return 1;
