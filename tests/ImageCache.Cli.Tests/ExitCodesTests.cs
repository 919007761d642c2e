using Xunit;

namespace ImageCache.Cli.Tests;

public sealed class ExitCodesTests
{
    [Fact]
    public void EveryErrorOfTheEngineHasACodeOfItsOwnKind()
    {
        Type[] errors = [.. typeof(ImageCacheException).Assembly.GetTypes().Where(static type => type.IsSubclassOf(typeof(ImageCacheException)) && !type.IsAbstract)];

        Assert.Contains(typeof(InternalErrorException), errors);
        Assert.All(errors.Except([typeof(InternalErrorException)]), static error => Assert.NotEqual(ExitCodes.Failed, ExitCodes.Of(error)));
    }

    [Theory]
    [InlineData(typeof(InvalidInputException), 2)]
    [InlineData(typeof(PolicyException), 3)]
    [InlineData(typeof(VerificationException), 3)]
    [InlineData(typeof(BusyException), 3)]
    [InlineData(typeof(NotFoundException), 4)]
    [InlineData(typeof(UnavailableException), 5)]
    [InlineData(typeof(InternalErrorException), 1)]
    [InlineData(typeof(InvalidOperationException), 1)]
    public void ErrorsHaveTheCodesThatScriptsKnow(Type error, int code) => Assert.Equal(code, ExitCodes.Of(error));

    [Theory]
    [InlineData(0)]
    [InlineData(4, 4)]
    [InlineData(3, 3, 3)]
    [InlineData(1, 3, 4)]
    [InlineData(1, 1, 5)]
    public void SeveralFailuresAgreeOrAreAFailure(int expected, params int[] codes) => Assert.Equal(expected, ExitCodes.Of(codes));
}
