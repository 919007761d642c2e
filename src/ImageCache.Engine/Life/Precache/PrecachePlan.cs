using ImageCache.Engine.Requests;

namespace ImageCache.Engine.Life.Precache;

/// <summary>Which candidates are brought. Pure: in their order, each that still finds room; one too large does not keep smaller ones out.</summary>
/// <param name="Chosen">Those to bring, in order.</param>
/// <param name="LeftOut">Those that find no room, with the reason.</param>
internal sealed record PrecachePlan(IReadOnlyList<PrecacheChoice> Chosen, IReadOnlyList<(PrecacheChoice Candidate, string Reason)> LeftOut)
{
    /// <summary>Chooses.</summary>
    public static PrecachePlan Make(IEnumerable<PrecacheChoice> candidates, PrecacheRoom room)
    {
        List<PrecacheChoice> chosen = [];
        List<(PrecacheChoice, string)> leftOut = [];
        foreach (PrecacheChoice candidate in candidates)
        {
            if (candidate.Error is null && room.WhyNot(candidate.Need) is { } reason)
            {
                leftOut.Add((candidate, reason));
                continue;
            }

            chosen.Add(candidate);
            room = candidate.Error is null ? room.Less(candidate.Need) : room;
        }

        return new PrecachePlan(chosen, leftOut);
    }
}
