using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Disks;

/// <summary>Sizes that a flavor says.</summary>
public sealed class FlavorTests : IAsyncLifetime
{
    private const string FlavorsPath = "/compute/v2.1/flavors/detail";

    private readonly DiskBed _bed = new();

    public async ValueTask InitializeAsync()
    {
        await _bed.Node.FetchAsync(_bed.Image.Id);
        _bed.Node.Server.On("GET", FlavorsPath, static request => FaultAnswer.Json(request.QueryValue("marker") switch
        {
            null => """{"flavors":[{"id":"1","name":"small","disk":1},{"id":"x","name":"broken","disk":"big"}],"flavors_links":[{"rel":"next","href":"http://elsewhere.invalid/"}]}""",
            "1" => """{"flavors":[{"id":"2","name":"own size","disk":0},{"id":"small","name":"misleading","disk":7}]}""",
            _ => """{"flavors":[]}""",
        }));
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData("small", 1L << 30)]
    [InlineData("1", 1L << 30)]
    [InlineData("own size", DiskBed.Size)]
    [InlineData("2", DiskBed.Size)]
    public async Task A_flavor_is_found_by_name_before_it_is_by_id(string flavor, long size)
    {
        InstanceDisk disk = await _bed.MakeAsync(_bed.Request() with { Flavor = flavor });
        Assert.Equal(size, disk.VirtualSize);
        Assert.Equal(size, (await DiskBed.InfoAsync(disk.Path)).GetProperty("virtual-size").GetInt64());
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("broken")]
    [InlineData("")]
    public async Task A_flavor_that_is_not_there_is_not_found(string flavor)
        => await _bed.RefusedAsync<NotFoundException>(ErrorIds.FlavorNotFound, _bed.Request() with { Flavor = flavor });

    [Fact]
    public async Task Without_the_compute_service_only_flavors_fail()
    {
        _bed.Node.Settings["retries"] = "0";
        _bed.Node.Server.On("GET", FlavorsPath, static _ => FaultAnswer.Of(503));
        await _bed.RefusedAsync<UnavailableException>(ErrorIds.ServiceUnavailable, _bed.Request() with { Flavor = "small" });
        await _bed.MakeAsync(_bed.Request() with { Size = 1 << 30 });
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"flavors":{}}""")]
    [InlineData("[]")]
    [InlineData("no JSON")]
    public async Task An_answer_that_makes_no_sense_is_an_error(string answer)
    {
        _bed.Node.Server.On("GET", FlavorsPath, _ => FaultAnswer.Json(answer));
        await _bed.RefusedAsync<UnavailableException>(ErrorIds.ServiceAnswerInvalid, _bed.Request() with { Flavor = "small" });
    }
}
