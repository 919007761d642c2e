using FsCheck;
using FsCheck.Fluent;

namespace ImageCache.Engine.Tests.Fuzz;

/// <summary>Makes cases, and smaller ones of a case that failed.</summary>
internal static class FuzzCases
{
    private static readonly MutationKind[] Kinds = Enum.GetValues<MutationKind>();

    /// <summary>Cases of these images.</summary>
    /// <param name="specimens">The images.</param>
    /// <param name="most">The most changes to one.</param>
    public static Arbitrary<FuzzCase> Of(IReadOnlyList<Specimen> specimens, int most)
    {
        Gen<int> number = Gen.Choose(0, int.MaxValue);
        Gen<Mutation> mutation =
            from kind in Gen.Elements(Kinds)
            from place in number
            from choice in number
            from width in Gen.Choose(0, 63)
            select new Mutation(kind, place, choice, width);
        Gen<FuzzCase> cases =
            from specimen in Gen.Elements(specimens.ToArray())
            from count in Gen.Choose(0, most)
            from mutations in mutation.ArrayOf(count)
            from isSealed in Gen.Elements(true, true, false)
            from seed in number
            select new FuzzCase(specimen, mutations, isSealed, seed);
        return Arb.From(cases, static whole => whole.Smaller());
    }
}
