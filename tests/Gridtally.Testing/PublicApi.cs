using System.Reflection;
using System.Text;

namespace Gridtally.Testing;

/// <summary>The public surface of a library as text, so that a change of it is seen in review.</summary>
public static class PublicApi
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    // What the compiler adds to records and delegates; it says nothing that the declaration does not.
    private static readonly HashSet<string> Generated =
        ["<Clone>$", "Deconstruct", "PrintMembers", "GetHashCode", "ToString", "Equals", "op_Equality", "op_Inequality", "BeginInvoke", "EndInvoke", "EqualityContract"];

    /// <summary>One line for each public type and member, in order of their names.</summary>
    public static string Of(Assembly library)
    {
        var text = new StringBuilder();
        foreach (var type in library.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append($"{KindOf(type)} {NameOf(type, withNamespace: true)}\n");
            foreach (var line in type.GetMembers(Declared).Where(IsWritten).Select(LineOf).Order(StringComparer.Ordinal)) text.Append($"    {line}\n");
        }

        return text.ToString();
    }

    private static string KindOf(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => type.IsByRefLike ? "ref struct" : "struct",
        _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        _ => type.IsSealed ? "sealed class" : "class",
    };

    private static bool IsWritten(MemberInfo member) => member switch
    {
        MethodInfo { IsSpecialName: true } method => method.Name.StartsWith("op_", StringComparison.Ordinal) && !Generated.Contains(method.Name),
        FieldInfo { IsSpecialName: true } or Type => false,
        _ => !Generated.Contains(member.Name),
    };

    private static string LineOf(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"new({Parameters(constructor)})",
        FieldInfo { IsLiteral: true } constant => $"const {NameOf(constant.FieldType)} {constant.Name} = {constant.GetRawConstantValue() ?? "null"}",
        FieldInfo field => $"{NameOf(field.FieldType)} {field.Name}",
        PropertyInfo property => $"{NameOf(property.PropertyType)} {property.Name}{Index(property)} {{{(property.GetMethod?.IsPublic == true ? " get;" : "")}{Setter(property)} }}",
        MethodInfo method => $"{(method.IsStatic ? "static " : "")}{NameOf(method.ReturnType)} {method.Name}{Generics(method.GetGenericArguments())}({Parameters(method)})",
        EventInfo e => $"event {NameOf(e.EventHandlerType!)} {e.Name}",
        _ => member.ToString()!,
    };

    private static string Setter(PropertyInfo property) => property.SetMethod is not { IsPublic: true } setter ? ""
        : setter.ReturnParameter.GetRequiredCustomModifiers().Any(modifier => modifier.Name == "IsExternalInit") ? " init;" : " set;";

    private static string Index(PropertyInfo property) => property.GetIndexParameters() is { Length: > 0 } index ? $"[{string.Join(", ", index.Select(Parameter))}]" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var passing = !parameter.ParameterType.IsByRef ? "" : parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";
        return $"{passing}{NameOf(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? " = …" : "")}";
    }

    private static string NameOf(Type type, bool withNamespace = false)
    {
        if (type.IsByRef) return NameOf(type.GetElementType()!);
        if (type.IsArray) return NameOf(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } inner) return NameOf(inner) + "?";
        if (type.IsGenericParameter) return type.Name;
        var outer = type.DeclaringType is { } declaring ? NameOf(declaring, withNamespace) + "." : withNamespace ? type.Namespace + "." : "";
        return outer + type.Name.Split('`')[0] + Generics(type.GetGenericArguments());
    }

    private static string Generics(Type[] arguments) => arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(argument => NameOf(argument)))}>";
}
