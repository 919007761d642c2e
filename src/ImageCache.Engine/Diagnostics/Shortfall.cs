namespace ImageCache.Engine.Diagnostics;

/// <summary>What keeps a method from being used, out of its needs.</summary>
/// <param name="Answers">The needs that are not met; none when nothing is in the way.</param>
internal sealed record Shortfall(IReadOnlyList<NeedAnswer> Answers)
{
    public bool IsNone => Answers.Count == 0;

    /// <summary>Why not, in words.</summary>
    public IReadOnlyList<string> Reasons => [.. Answers.Select(static answer => answer.Reason).OfType<string>()];

    public string Reason => string.Join("; ", Reasons);

    /// <summary>What to do, in whole sentences; empty when nothing is known.</summary>
    public string NextStep => string.Join(' ', Answers.Select(static answer => answer.NextStep).OfType<string>().Distinct());

    /// <summary>What a node lacks, all of it.</summary>
    public static Shortfall OfNode(IEnumerable<Need> needs)
        => new([.. needs.OfType<NodeNeed>().Where(static need => need.IsRequired).Select(static need => need.Check()).Where(IsMissing)]);

    /// <summary>What an image lacks, or else the node. Of the image only the first is told: its needs build on each other.</summary>
    public static Shortfall Of(IReadOnlyList<Need> needs, ImageDescriptor image)
    {
        NeedAnswer? first = needs.OfType<ImageNeed>().Where(static need => need.IsRequired).Select(need => need.Check(image)).FirstOrDefault(IsMissing);
        return first is null ? OfNode(needs) : new Shortfall([first]);
    }

    private static bool IsMissing(NeedAnswer answer) => answer.Status == NodeCheckStatus.Fail;
}
