using System.Net;
using System.Security.Cryptography;
using ImageCache.Engine.OpenStack.Http;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.OpenStack.Images;

public sealed class GlanceClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ShowsAnImageAsGlanceHasIt()
    {
        await using TestCloud cloud = new();
        byte[] data = RandomNumberGenerator.GetBytes(1000);
        FakeImage image = cloud.Fake.Add(new FakeImage
        {
            Name = "cirros",
            Data = data,
            Tags = ["critical", "base"],
            VirtualSize = 5000,
            Visibility = "shared",
            Extra = new()
            {
                ["hw_disk_bus"] = "scsi",
                ["img_signature_key_type"] = "RSA-PSS",
                ["direct_url"] = "rbd://5be4bd2d/images/abc/snap",
                ["locations"] = new object[] { new { url = "swift+https://user:planted-key@host/v1/c/o?sig=planted", metadata = new { } } },
                ["stores"] = "file",
                ["odd"] = 12,
            },
        });

        ImageDescriptor shown = await cloud.Connection.Glance.ShowAsync(image.Id, Token);

        Assert.Equal((image.Id, "cirros", "active", "shared"), (shown.Id, shown.Name, shown.Status, shown.Visibility));
        Assert.Equal((FakeCloud.ProjectId, "raw", "bare", 1000L, 5000L), (shown.Owner, shown.DiskFormat, shown.ContainerFormat, shown.Size, shown.VirtualSize));
        Assert.Equal(Convert.ToHexStringLower(SHA512.HashData(data)), shown.HashValue);
        Assert.Equal("sha512", shown.HashAlgorithm);
        Assert.Equal(32, shown.Checksum!.Length);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), shown.CreatedAt);
        Assert.Equal(["critical", "base"], shown.Tags);
        Assert.Equal(["hw_disk_bus", "img_signature_key_type"], shown.Properties.Keys.Order());
        Assert.True(shown.IsSigned);
        Assert.Equal(["rbd://5be4bd2d/images/abc/snap", "swift+https://host/v1/c/o"], shown.Locations);
    }

    [Fact]
    public async Task AnUnknownIdIsNotFound()
    {
        await using TestCloud cloud = new();
        string id = Guid.NewGuid().ToString();
        NotFoundException error = await Assert.ThrowsAsync<NotFoundException>(() => cloud.Connection.Glance.ShowAsync(id, Token));
        Assert.Equal((ErrorIds.ImageNotFound, id), (error.ErrorId, error.ImageId));
        Assert.Contains(id, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A404OfAnotherWebServerIsNoMissingImage()
    {
        await using TestCloud cloud = new(variables => variables["OS_IMAGE_ENDPOINT_OVERRIDE"] = variables["OS_AUTH_URL"].Replace("identity", "elsewhere", StringComparison.Ordinal));
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(
            () => cloud.Connection.Glance.ShowAsync(Guid.NewGuid().ToString(), Token));
        Assert.Equal(ErrorIds.ServiceAnswerInvalid, error.ErrorId);
        Assert.Contains("/elsewhere", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FindsByIdByNameAndByAnIdThatIsNoUuid()
    {
        await using TestCloud cloud = new();
        FakeImage named = cloud.Fake.Add(new FakeImage { Name = "debian 12 / daily" });
        FakeImage odd = cloud.Fake.Add(new FakeImage { Id = "my-own-id", Name = "other" });
        FakeImage uuidName = cloud.Fake.Add(new FakeImage { Name = Guid.NewGuid().ToString() });
        foreach ((string reference, FakeImage expected) in new[] { (named.Id, named), (named.Name!, named), (odd.Id, odd), (uuidName.Name!, uuidName) })
        {
            Assert.Equal(expected.Id, (await cloud.Connection.Glance.FindOneAsync(reference, Token)).Id);
        }
    }

    [Fact]
    public async Task ANameOfSeveralImagesIsRefusedWithTheirIds()
    {
        await using TestCloud cloud = new();
        FakeImage one = cloud.Fake.Add(new FakeImage { Name = "twin" });
        FakeImage other = cloud.Fake.Add(new FakeImage { Name = "twin" });
        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => cloud.Connection.Glance.FindOneAsync("twin", Token));
        Assert.Equal((ErrorIds.AmbiguousImage, "twin"), (error.ErrorId, error.ImageId));
        Assert.Contains(one.Id, error.Message, StringComparison.Ordinal);
        Assert.Contains(other.Id, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such-name")]
    [InlineData("in:a,b")]
    [InlineData("a&tag=b")]
    [InlineData("..")]
    [InlineData("../../identity/v3")]
    [InlineData("\"quoted\"")]
    public async Task ANameThatNoImageHasIsNotFoundWhateverIsInIt(string name)
    {
        await using TestCloud cloud = new();
        cloud.Fake.Add(new FakeImage { Name = "a" });
        NotFoundException error = await Assert.ThrowsAsync<NotFoundException>(() => cloud.Connection.Glance.FindOneAsync(name, Token));
        Assert.Equal(ErrorIds.ImageNotFound, error.ErrorId);
        Assert.All(cloud.Fake.Server.Requests, static request => Assert.Matches("^/(identity/v3/auth/tokens|image/.*)$", request.Path));
    }

    [Theory]
    [InlineData("in:a,b")]
    [InlineData("\"quoted\", with comma")]
    [InlineData("ümlaut €")]
    public async Task FindsStrangeNames(string name)
    {
        await using TestCloud cloud = new();
        FakeImage image = cloud.Fake.Add(new FakeImage { Name = name });
        cloud.Fake.Add(new FakeImage { Name = "a" });
        Assert.Equal(image.Id, (await cloud.Connection.Glance.FindOneAsync(name, Token)).Id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("line\nbreak")]
    public async Task WhatCanBeNeitherIdNorNameIsRefused(string reference)
    {
        await using TestCloud cloud = new();
        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => cloud.Connection.Glance.FindOneAsync(reference, Token));
        Assert.Equal(ErrorIds.InvalidReference, error.ErrorId);
        Assert.Empty(cloud.Fake.Server.Requests);
    }

    [Fact]
    public async Task ListsToTheEndOverManyPages()
    {
        await using TestCloud cloud = new();
        cloud.Fake.PageLimit = 7;
        string[] ids = [.. Enumerable.Range(0, 50).Select(index => cloud.Fake.Add(new FakeImage { Name = $"image-{index}" }).Id).Order(StringComparer.Ordinal)];
        List<ImageDescriptor> found = await ListAsync(cloud, new FindRequest());
        Assert.Equal(ids, found.Select(static image => image.Id));
        FaultRequest[] pages = [.. cloud.Fake.Server.Requests.Where(static request => request.Path == FakeCloud.ImagesPath)];
        Assert.Equal(8, pages.Length);
        Assert.All(pages, static page => Assert.Equal("1000", page.QueryValue("limit")));
    }

    [Fact]
    public async Task NeverTakesTheTokenToAHostThatALinkNames()
    {
        await using TestCloud cloud = new();
        await using FaultServer other = FaultServer.Start();
        FakeImage image = cloud.Fake.Add(new FakeImage());
        cloud.Fake.Server.Next("GET", FakeCloud.ImagesPath, _ => FaultAnswer.Json($$"""{"images":[],"next":"{{other.Address}}v2/images?marker=x"}"""));
        _ = await ListAsync(cloud, new FindRequest());
        Assert.Empty(other.Requests);
        Assert.Equal(2, cloud.Fake.Server.CountOf("GET", FakeCloud.ImagesPath));
    }

    [Fact]
    public async Task PagesThatGoInACircleAreAnError()
    {
        await using TestCloud cloud = new();
        cloud.Fake.Server.Always("GET", FakeCloud.ImagesPath, static _ => FaultAnswer.Json("""{"images":[],"next":"/v2/images?marker=x"}"""));
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => ListAsync(cloud, new FindRequest()));
        Assert.Equal(ErrorIds.ServiceAnswerInvalid, error.ErrorId);
    }

    [Fact]
    public async Task GivesTheServiceTheFiltersThatItHas()
    {
        await using TestCloud cloud = new();
        FakeImage wanted = cloud.Fake.Add(new FakeImage { Name = "a", Tags = ["x", "y"], Visibility = "community", Owner = "p", Extra = new() { ["os_distro"] = "debian" } });
        cloud.Fake.Add(new FakeImage { Name = "b", Tags = ["x"], Visibility = "community", Owner = "p" });
        FindRequest request = new()
        {
            Tags = ["x", "y"],
            Owner = "p",
            Visibility = "all",
            Status = "active",
            Properties = new Dictionary<string, string> { ["os_distro"] = "debian", ["disk_format"] = "raw" },
        };
        Assert.Equal(wanted.Id, Assert.Single(await ListAsync(cloud, request)).Id);
        FaultRequest seen = cloud.Fake.Server.Requests[^1];
        Assert.Equal(["x", "y"], seen.Query.Where(static pair => pair.Key == "tag").Select(static pair => pair.Value));
        Assert.Equal(("p", "all", "active", "debian", "raw"), (seen.QueryValue("owner"), seen.QueryValue("visibility"), seen.QueryValue("status"), seen.QueryValue("os_distro"), seen.QueryValue("disk_format")));
    }

    [Fact]
    public async Task APropertyNamedAsASteeringParameterIsRefused()
    {
        await using TestCloud cloud = new();
        FindRequest request = new() { Properties = new Dictionary<string, string> { ["limit"] = "0" } };
        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => ListAsync(cloud, request));
        Assert.Equal(ErrorIds.InvalidReference, error.ErrorId);
    }

    [Theory]
    [InlineData("cirros*", new[] { "Cirros-0.6", "cirros", "cirros-0.5" })]
    [InlineData("CIRROS-0.?", new[] { "Cirros-0.6", "cirros-0.5" })]
    [InlineData("cirros", new[] { "cirros" })]
    [InlineData("DEBIAN", new[] { "debian" })]
    [InlineData("nothing*", new string[0])]
    public async Task FindsNamesByPattern(string pattern, string[] expected)
    {
        await using TestCloud cloud = new();
        foreach (string? name in new[] { "cirros", "Cirros-0.6", "cirros-0.5", "debian", null })
        {
            cloud.Fake.Add(new FakeImage { Name = name });
        }

        List<ImageDescriptor> found = await ListAsync(cloud, new FindRequest { Name = pattern });
        Assert.Equal(expected, found.Select(static image => image.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ListsByIdAlsoWhatListsHide()
    {
        await using TestCloud cloud = new();
        FakeImage[] images = [.. Enumerable.Range(0, 150).Select(index => cloud.Fake.Add(new FakeImage { Hidden = index == 3 }))];
        string[] ids = [.. images.Select(static image => image.Id)];
        List<ImageDescriptor> found = await ListAsync(cloud, new FindRequest { ImageIds = [.. ids, Guid.NewGuid().ToString(), ".."] });
        Assert.Equal(ids.Order(), found.Select(static image => image.Id).Order());
    }

    [Fact]
    public async Task OneBadRecordHidesNoOther()
    {
        await using TestCloud cloud = new();
        cloud.Fake.Add(new FakeImage { Id = "1", Extra = new() { ["size"] = -5 } });
        cloud.Fake.Add(new FakeImage { Id = "2" });
        Assert.Equal("2", Assert.Single(await ListAsync(cloud, new FindRequest())).Id);
        Assert.Contains("'size'", cloud.Log.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"images\":7}")]
    public async Task AListThatMakesNoSenseIsAnError(string body)
    {
        await using TestCloud cloud = new();
        cloud.Fake.Server.Always("GET", FakeCloud.ImagesPath, _ => FaultAnswer.Json(body));
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => ListAsync(cloud, new FindRequest()));
        Assert.Equal(ErrorIds.ServiceAnswerInvalid, error.ErrorId);
    }

    [Fact]
    public async Task TheRecordOfAnotherImageIsRefused()
    {
        await using TestCloud cloud = new();
        FakeImage image = cloud.Fake.Add(new FakeImage { Extra = new() { ["id"] = Guid.NewGuid().ToString() } });
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => cloud.Connection.Glance.ShowAsync(image.Id, Token));
        Assert.Equal(ErrorIds.ServiceAnswerInvalid, error.ErrorId);
    }

    [Theory]
    [InlineData("/image")]
    [InlineData("/image/")]
    [InlineData("/image/v2")]
    [InlineData("/image/v2/")]
    [InlineData("/image/v2.16")]
    [InlineData("/image/v1")]
    public async Task TheEndpointMayHaveAVersionOrNot(string path)
    {
        await using TestCloud cloud = new();
        cloud.Fake.ImageEndpoint = new Uri(cloud.Fake.Server.Address, path).ToString();
        FakeImage image = cloud.Fake.Add(new FakeImage());
        Assert.Equal(image.Id, (await cloud.Connection.Glance.ShowAsync(image.Id, Token)).Id);
        Assert.Equal(["v2.16", "v2.15"], await cloud.Connection.Glance.GetVersionsAsync(Token));
    }

    [Fact]
    public async Task ReadsVersionsFromTheRootWhenTheyAreNowhereElse()
    {
        await using TestCloud cloud = new();
        cloud.Fake.Server.Always("GET", "/image/versions", static _ => FaultAnswer.Text("no", 404));
        Assert.Equal(["v2.16", "v2.15"], await cloud.Connection.Glance.GetVersionsAsync(Token));
    }

    [Fact]
    public async Task OpensDataWholeAndInPart()
    {
        await using TestCloud cloud = new();
        byte[] data = RandomNumberGenerator.GetBytes(100_000);
        FakeImage image = cloud.Fake.Add(new FakeImage { Data = data });
        await using (DataResponse whole = await cloud.Connection.Glance.OpenDataAsync(image.Id, 0, null, Token))
        {
            Assert.Equal((HttpStatusCode.OK, 100_000L), (whole.Status, whole.ContentLength));
            Assert.Null(whole.Range);
            Assert.Equal(data, await ReadAsync(whole));
        }

        await using DataResponse part = await cloud.Connection.Glance.OpenDataAsync(image.Id, 10, 20, Token);
        Assert.Equal((HttpStatusCode.PartialContent, 20L), (part.Status, part.ContentLength));
        Assert.Equal((10L, 29L, 100_000L), (part.Range!.From, part.Range.To, part.Range.Length));
        Assert.Equal(data[10..30], await ReadAsync(part));
        Assert.Equal("bytes=10-29", cloud.Fake.Server.Requests[^1].Header("Range"));

        await using DataResponse rest = await cloud.Connection.Glance.OpenDataAsync(image.Id, 99_990, null, Token);
        Assert.Equal(data[99_990..], await ReadAsync(rest));
        Assert.Equal("bytes=99990-", cloud.Fake.Server.Requests[^1].Header("Range"));
    }

    [Theory]
    [InlineData(204, ErrorIds.ImageDataNotFound, typeof(NotFoundException), false)]
    [InlineData(404, ErrorIds.ImageDataNotFound, typeof(NotFoundException), false)]
    [InlineData(410, ErrorIds.ImageDataNotFound, typeof(NotFoundException), false)]
    [InlineData(403, ErrorIds.AccessDenied, typeof(PolicyException), false)]
    [InlineData(409, ErrorIds.ServiceUnavailable, typeof(UnavailableException), false)]
    [InlineData(500, ErrorIds.ServiceUnavailable, typeof(UnavailableException), true)]
    [InlineData(503, ErrorIds.ServiceUnavailable, typeof(UnavailableException), true)]
    [InlineData(429, ErrorIds.ServiceUnavailable, typeof(UnavailableException), true)]
    [InlineData(302, ErrorIds.ServiceAnswerInvalid, typeof(UnavailableException), false)]
    public async Task StatusesOfDataAreSentOnceAndMapped(int status, string errorId, Type type, bool mayRepeat)
    {
        await using TestCloud cloud = new();
        FakeImage image = cloud.Fake.Add(new FakeImage { Data = [1] });
        cloud.Fake.Server.Always("GET", FakeCloud.DataPath(image.Id), _ => FaultAnswer.Of(status));
        await using DataResponse answer = await cloud.Connection.Glance.OpenDataAsync(image.Id, 0, null, Token);
        ImageCacheException error = answer.ToException();
        Assert.IsType(type, error);
        Assert.Equal((errorId, image.Id, mayRepeat), (error.ErrorId, error.ImageId, answer.MayRepeat));
        Assert.Equal(1, cloud.Fake.Server.CountOf("GET", FakeCloud.DataPath(image.Id)));
    }

    [Fact]
    public async Task ABrokenBodyIsATransientFailure()
    {
        await using TestCloud cloud = new();
        FakeImage image = cloud.Fake.Add(new FakeImage { Data = new byte[100_000] });
        cloud.Fake.Server.Always("GET", FakeCloud.DataPath(image.Id), static answer => answer with { CutAfter = 50_000 });
        await using DataResponse answer = await cloud.Connection.Glance.OpenDataAsync(image.Id, 0, null, Token);
        Exception error = await Assert.ThrowsAnyAsync<IOException>(() => ReadAsync(answer));
        Assert.True(TransientFailure.Is(error));
    }

    [Fact]
    public async Task AStalledBodyIsATimeout()
    {
        await using TestCloud cloud = new(configure: static configuration => configuration with { IdleTimeout = TimeSpan.FromSeconds(1) });
        FakeImage image = cloud.Fake.Add(new FakeImage { Data = new byte[100_000] });
        cloud.Fake.Server.Always("GET", FakeCloud.DataPath(image.Id), static answer => answer with { StallAfter = 50_000 });
        await using DataResponse answer = await cloud.Connection.Glance.OpenDataAsync(image.Id, 0, null, Token);
        Exception error = await Assert.ThrowsAsync<TimeoutException>(() => ReadAsync(answer));
        Assert.True(TransientFailure.Is(error));
    }

    [Fact]
    public async Task ACancelledReadIsCancelled()
    {
        await using TestCloud cloud = new();
        FakeImage image = cloud.Fake.Add(new FakeImage { Data = new byte[100_000] });
        cloud.Fake.Server.Always("GET", FakeCloud.DataPath(image.Id), static answer => answer with { StallAfter = 10 });
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using DataResponse answer = await cloud.Connection.Glance.OpenDataAsync(image.Id, 0, null, stop.Token);
        byte[] buffer = new byte[10];
        await answer.Body.ReadExactlyAsync(buffer, stop.Token);
        Task<int> read = answer.Body.ReadAsync(buffer, stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    [Fact]
    public async Task DataAreOpenedWithANewTokenWhenTheOldOneIsRefused()
    {
        await using TestCloud cloud = new();
        FakeImage image = cloud.Fake.Add(new FakeImage { Data = [1, 2, 3] });
        await cloud.Connection.Glance.ShowAsync(image.Id, Token);
        cloud.Fake.RevokeTokens();
        await using DataResponse answer = await cloud.Connection.Glance.OpenDataAsync(image.Id, 0, null, Token);
        Assert.Equal([1, 2, 3], await ReadAsync(answer));
        Assert.Equal(2, cloud.Fake.TokenCount);
    }

    private static async Task<List<ImageDescriptor>> ListAsync(TestCloud cloud, FindRequest request)
    {
        List<ImageDescriptor> found = [];
        await foreach (ImageDescriptor image in cloud.Connection.Glance.ListAsync(request, Token))
        {
            found.Add(image);
        }

        return found;
    }

    private static async Task<byte[]> ReadAsync(DataResponse answer)
    {
        using MemoryStream bytes = new();
        await answer.Body.CopyToAsync(bytes, Token);
        return bytes.ToArray();
    }
}
