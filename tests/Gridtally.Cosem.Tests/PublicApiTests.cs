using Gridtally.Testing;

namespace Gridtally.Cosem.Tests;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_of_the_library_is_the_reviewed_one() =>
        Documents.AssertCurrent("../src/Gridtally.Cosem/PublicApi.txt", PublicApi.Of(typeof(AttributeRef).Assembly));
}
