using System.Globalization;

namespace ImageCache.Engine.Tests.Fuzz;

/// <summary>A sound image and what is done to it.</summary>
/// <param name="Specimen">The image.</param>
/// <param name="Mutations">The changes, one after the other.</param>
/// <param name="IsSealed">Whether checksums are made right afterwards.</param>
/// <param name="Seed">For what else is left to chance: the pieces in which it is read.</param>
internal sealed record FuzzCase(Specimen Specimen, IReadOnlyList<Mutation> Mutations, bool IsSealed, int Seed)
{
    /// <summary>The bytes.</summary>
    public byte[] Make(IReadOnlyList<Specimen> others)
    {
        byte[] image = (byte[])Specimen.Bytes.Clone();
        foreach (Mutation mutation in Mutations)
        {
            image = Mutator.Apply(image, mutation, Specimen, others);
        }

        if (IsSealed)
        {
            Specimen.Seal(image);
        }

        return image;
    }

    /// <summary>The same with less done to it.</summary>
    public IEnumerable<FuzzCase> Smaller()
        => Enumerable.Range(0, Mutations.Count).Select(left => this with { Mutations = [.. Mutations.Where((_, index) => index != left)] });

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Specimen.Name} sealed={IsSealed} seed={Seed} [{string.Join("; ", Mutations)}]");
}
