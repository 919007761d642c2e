using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Configuration;
using Xunit;

namespace ImageCache.Engine.Tests.Volumes;

/// <summary>No order of fetches, kills, initializations, removals and reboots leaks an attachment, a copy, a connection, a view or a link.</summary>
public sealed class LinkOrderTests
{
    private const int LastStep = 45;

    private static readonly Gen<LinkAction> s_action =
        from kind in Gen.Elements(Enum.GetValues<LinkActionKind>().Concat([LinkActionKind.Fetch, LinkActionKind.Fetch, LinkActionKind.Initialize]))
        from image in Gen.Choose(0, 1)
        from fault in Gen.Elements(LinkFault.None, LinkFault.Killed, LinkFault.Killed, LinkFault.CinderDown)
        from step in Gen.Choose(1, LastStep)
        select new LinkAction(kind, image, fault, step);

    [Theory]
    [InlineData(VolumeInUse.Refuse)]
    [InlineData(VolumeInUse.Clone)]
    public void NoOrderLeaksAnything(VolumeInUse inUse)
        => Prop.ForAll(s_action.ListOf(8).ToArbitrary(), actions => Run(inUse, actions)).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    [Theory]
    [InlineData(VolumeInUse.Refuse, LinkFault.Killed)]
    [InlineData(VolumeInUse.Refuse, LinkFault.CinderDown)]
    [InlineData(VolumeInUse.Clone, LinkFault.Killed)]
    [InlineData(VolumeInUse.Clone, LinkFault.CinderDown)]
    internal void NoStepOfAnyActionLeaksAnything(VolumeInUse inUse, LinkFault fault)
    {
        for (int step = 1; step <= LastStep; step++)
        {
            LinkAction fetch = new(LinkActionKind.Fetch, 1, LinkFault.None, 0);
            LinkAction broken = fetch with { Fault = fault, Step = step };
            Run(inUse, [broken]);
            Run(inUse, [fetch, broken with { Kind = LinkActionKind.FetchAnew }]);
            Run(inUse, [fetch, broken with { Kind = LinkActionKind.Remove }, broken with { Kind = LinkActionKind.Initialize }]);
            Run(inUse, [fetch, fetch with { Kind = LinkActionKind.Reboot }, fetch with { Kind = LinkActionKind.DeleteAttachments }, broken with { Kind = LinkActionKind.Initialize }]);
        }
    }

    private static void Run(VolumeInUse inUse, IReadOnlyList<LinkAction> actions) => RunAsync(inUse, actions).GetAwaiter().GetResult();

    private static async Task RunAsync(VolumeInUse inUse, IReadOnlyList<LinkAction> actions)
    {
        await using LinkModel model = new(inUse);
        try
        {
            foreach (LinkAction action in actions)
            {
                await model.DoAsync(action);
            }

            await model.CheckAsync();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException(string.Join("; ", actions), e);
        }
    }
}
