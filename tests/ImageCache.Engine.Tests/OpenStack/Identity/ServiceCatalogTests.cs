using System.Text.Json;
using ImageCache.Engine.OpenStack.Identity;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.OpenStack.Identity;

public sealed class ServiceCatalogTests
{
    private const string Json = """
        [
          {"type":"volumev2","endpoints":[{"interface":"public","region_id":"A","url":"http://v2"}]},
          {"type":"volumev3","endpoints":[{"interface":"public","region":"A","url":"http://v3"},{"interface":"internal","region_id":"B","url":"http://v3b"}]},
          {"type":"image","endpoints":[{"interface":"publicURL","region_id":"A","url":"http://a"},{"interface":"public","region_id":"B","url":"http://b"},
            {"interface":"internal","region_id":"A","url":"http://internal"}]},
          {"type":"broken","endpoints":[{"interface":"public","url":"ftp://x"},{"interface":"public","url":"http://user:planted@x"},{"url":7},"text"]},
          {"type":7,"endpoints":[]}, "text", {"type":"none"}
        ]
        """;

    [Theory]
    [InlineData("image", "public", null, "http://a/")]
    [InlineData("image", "public", "B", "http://b/")]
    [InlineData("image", "internal", "A", "http://internal/")]
    [InlineData("image", "internal", "B", null)]
    [InlineData("image", "public", "C", null)]
    [InlineData("broken", "public", null, null)]
    [InlineData("none", "public", null, null)]
    public void PicksByTypeInterfaceAndRegion(string type, string endpointInterface, string? region, string? url)
        => Assert.Equal(url, Parse().Find([type], endpointInterface, region)?.Url.AbsoluteUri);

    [Fact]
    public void TriesOlderNamesInTheirOrder()
    {
        Assert.Equal("http://v3/", Parse().Find(ServiceType.BlockStorage.Names, "public", "A")!.Url.AbsoluteUri);
        Assert.Equal("http://v3b/", Parse().Find(ServiceType.BlockStorage.Names, "internal", null)!.Url.AbsoluteUri);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("7")]
    public void WhatIsNoCatalogIsAnEmptyOne(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Empty(ServiceCatalog.Parse(document.RootElement).Endpoints);
    }

    [Fact]
    public async Task AnOverrideBeatsTheCatalog()
    {
        await using TestCloud cloud = new(static variables => variables["OS_IMAGE_ENDPOINT_OVERRIDE"] = variables["OS_AUTH_URL"].Replace("identity", "image/v2", StringComparison.Ordinal));
        cloud.Fake.ImageEndpoint = "http://127.0.0.1:1/";
        FakeImage image = cloud.Fake.Add(new FakeImage());
        Assert.Equal(image.Id, (await cloud.Connection.Glance.ShowAsync(image.Id, TestContext.Current.CancellationToken)).Id);
    }

    [Fact]
    public async Task TheServicesOwnInterfaceAndTypeBeatTheClouds()
    {
        await using TestCloud cloud = new(static variables =>
        {
            variables["OS_INTERFACE"] = "admin";
            variables["OS_IMAGE_INTERFACE"] = "internalURL";
            variables["OS_IMAGE_SERVICE_TYPE"] = "volumev3";
        });
        Uri endpoint = await cloud.Connection.Service(ServiceType.Image).GetEndpointAsync(TestContext.Current.CancellationToken);
        Assert.Equal("/volume/v3", endpoint.AbsolutePath);
    }

    [Theory]
    [InlineData("OS_REGION_NAME", "Nowhere")]
    [InlineData("OS_INTERFACE", "admin")]
    [InlineData("OS_IMAGE_SERVICE_TYPE", "picture")]
    public async Task AMissingEndpointSaysWhatThereIs(string variable, string value)
    {
        await using TestCloud cloud = new(variables => variables[variable] = value);
        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(
            () => cloud.Connection.Glance.GetVersionsAsync(TestContext.Current.CancellationToken));
        Assert.Equal(ErrorIds.CloudNotConfigured, error.ErrorId);
        Assert.Contains("public in RegionOne", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnOverrideThatIsNoUrlIsNamed()
    {
        await using TestCloud cloud = new(static variables => variables["OS_IMAGE_ENDPOINT_OVERRIDE"] = "image.example");
        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(
            () => cloud.Connection.Glance.GetVersionsAsync(TestContext.Current.CancellationToken));
        Assert.Equal(ErrorIds.ConfigurationInvalid, error.ErrorId);
        Assert.Contains("OS_IMAGE_ENDPOINT_OVERRIDE", error.Message, StringComparison.Ordinal);
    }

    private static ServiceCatalog Parse()
    {
        using JsonDocument document = JsonDocument.Parse(Json);
        return ServiceCatalog.Parse(document.RootElement);
    }
}
