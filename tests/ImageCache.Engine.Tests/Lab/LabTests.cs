using Xunit;

namespace ImageCache.Engine.Tests.Lab;

/// <summary>Tests that share the lab, one after another: <c>[Collection(LabTests.Name)]</c>.</summary>
[CollectionDefinition(Name)]
public sealed class LabTests : ICollectionFixture<LabCloud>
{
    public const string Name = "Lab";
}
