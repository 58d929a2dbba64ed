using System.Text;
using static Gridtally.Cosem.Classes.CosemType;
using static Gridtally.Cosem.Tests.Classes.ObjectsGenerator;

namespace Gridtally.Cosem.Tests.Classes;

/// <summary>Writes the C# of typed views over the client, src/Gridtally.Sessions/Views/*.g.cs, from the class tables.</summary>
internal static class ViewsGenerator
{
    private const string Cancellation = "CancellationToken cancellationToken = default";

    /// <summary>File names and contents, one for each class.</summary>
    public static IReadOnlyList<(string File, string Text)> Write() => [.. ClassRows.All.Select(rows => ($"{rows.Identifier}View.g.cs", Write(rows)))];

    private static string Write(ClassRows rows)
    {
        var text = new StringBuilder(Header("Gridtally.Sessions",
            "Gridtally.Cosem", "Gridtally.Cosem.Apdus", "Gridtally.Cosem.Data", "Gridtally.Cosem.Objects", "Gridtally.Metering"));
        text.Append($"\n/// <content>The view of class {rows.Id}.</content>\npublic static partial class ObjectViews\n{{\n");
        text.Append($"    /// <summary>A typed view of a {Doc(rows.Name)} (class {rows.Id}).</summary>\n");
        text.Append($"    public static {rows.Identifier}View {rows.Identifier}(this DlmsClient client, ObisCode logicalName) => new(client, logicalName);\n}}\n");
        WriteView(rows, text);
        return text.ToString();
    }

    private static void WriteView(ClassRows rows, StringBuilder text)
    {
        text.Append($"\n/// <summary>A {Doc(rows.Name)} (class {rows.Id}) of the device that a client is associated with: attributes and methods, typed.</summary>\n");
        text.Append("/// <param name=\"Client\">Asks the device.</param>\n/// <param name=\"LogicalName\">The object.</param>\n");
        text.Append("/// <remarks>Each call throws what <see cref=\"ObjectViews.ReadAsync{T}\"/> throws.</remarks>\n");
        text.Append($"public readonly partial record struct {rows.Identifier}View(DlmsClient Client, ObisCode LogicalName)\n{{\n");
        text.AppendJoin('\n', rows.Attributes.SelectMany(row => Attribute(rows, row)).Concat(rows.Methods.Select(row => Method(rows, row))));
        text.Append("}\n");
    }

    private static IEnumerable<string> Attribute(ClassRows rows, ClassRows.AttributeRow row)
    {
        var type = GeneratedType.Of(row.Spec.Type).CSharp;
        var (target, codec) = ($"new AttributeRef({rows.Id}, LogicalName, {row.Spec.Id})", $"{rows.Identifier}Codecs.{row.Identifier}");
        var what = $"{row.Spec.Name}, attribute {row.Spec.Id}{row.VersionNote}: {row.Spec.Type}";
        if (!row.Spec.IsSecret)
        {
            yield return $"    /// <summary>Reads {Doc(what)}.</summary>\n"
                + $"    public Task<{type}> Get{row.Identifier}Async({Cancellation}) =>\n        Client.ReadAsync({target}, {codec}, null, cancellationToken);\n";
        }

        if (row.Spec.Selectors.Length > 0)
        {
            yield return $"    /// <summary>Reads a part of {Doc(what)}.</summary>\n"
                + $"    public Task<{type}> Get{row.Identifier}Async(SelectiveAccess access, {Cancellation}) =>\n        Client.ReadAsync({target}, {codec}, access, cancellationToken);\n";
        }

        yield return $"    /// <summary>Writes {Doc(what)}.</summary>\n"
            + $"    public Task Set{row.Identifier}Async({type} value, {Cancellation}) =>\n        Client.WriteAsync({target}, {codec}, value, cancellationToken);\n";
    }

    private static string Method(ClassRows rows, ClassRows.MethodRow row)
    {
        var codecs = $"{rows.Identifier}Codecs.{row.Identifier}";
        var hasParameter = row.Spec.Argument is not NoParameterType;
        var parameter = hasParameter ? $"{GeneratedType.Of(row.Spec.Argument).CSharp} parameter, " : "";
        var arguments = hasParameter ? $"{codecs}Parameter, parameter" : "SimpleCodecs.Integer, (sbyte)0";
        var result = row.Spec.Returns is { } returned ? $"<{GeneratedType.Of(returned).CSharp}>" : "";
        var resultCodec = row.Spec.Returns is null ? "" : $", {codecs}Result";

        // Method set_total_amount_remaining meets the writing of attribute total_amount_remaining.
        var clashes = rows.Attributes.Any(a => row.Identifier == $"Get{a.Identifier}" || row.Identifier == $"Set{a.Identifier}");
        return $"    /// <summary>Invokes {Doc(row.Spec.Name)}, method {row.Spec.Id}{row.VersionNote}{(hasParameter ? $", with {Doc(row.Spec.Argument.ToString()!)}" : "")}.</summary>\n"
            + $"    public Task{result} {(clashes ? "Invoke" : "")}{row.Identifier}Async({parameter}{Cancellation}) =>\n"
            + $"        Client.InvokeAsync(new MethodRef({rows.Id}, LogicalName, {row.Spec.Id}), {arguments}{resultCodec}, cancellationToken);\n";
    }
}
