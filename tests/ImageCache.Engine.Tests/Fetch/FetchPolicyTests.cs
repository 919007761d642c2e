using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Fetch;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch;

public sealed class FetchPolicyTests
{
    private const string Ours = "our-project";
    private const string Theirs = "their-project";

    private static readonly string[] s_statuses = ["active", "queued", "saving", "deactivated", "killed", "deleted", "Active", ""];
    private static readonly string?[] s_visibilities = ["public", "community", "shared", "private", null];
    private static readonly string?[] s_owners = [Ours, Theirs, null];

    /// <summary>Status, visibility, owner, project, error.</summary>
    public static TheoryData<string, string?, string?, string?, string?> Table() => new()
    {
        { "active", "public", Theirs, Ours, null },
        { "active", "community", Theirs, Ours, null },
        { "active", "shared", Theirs, Ours, null },
        { "active", "private", Ours, Ours, null },
        { "active", "private", Theirs, Ours, ErrorIds.ImageNotAllowed },
        { "active", "private", Theirs, null, null },
        { "active", "private", null, Ours, null },
        { "active", null, null, Ours, null },
        { "queued", "public", Ours, Ours, ErrorIds.ImageNotActive },
        { "deactivated", "private", Theirs, Ours, ErrorIds.ImageNotActive },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Status_visibility_and_owner_decide(string status, string? visibility, string? owner, string? project, string? errorId)
        => Assert.Equal(errorId, Decide(Image(status, visibility, owner), Configuration(), project));

    [Fact]
    public void Nothing_but_an_active_image_is_ever_allowed()
        => Prop.ForAll(Images(), static image => Decide(image, Configuration() with { AllowedOwners = ["*"] }, Ours) is null == (image.Status == "active"))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_private_image_of_another_project_is_never_allowed_unless_its_owner_is()
        => Prop.ForAll(Images(), static image =>
        {
            bool isTheirs = image is { Visibility: "private", Owner: Theirs };
            string? without = Decide(image, Configuration(), Ours);
            string? with = Decide(image, Configuration() with { AllowedOwners = [Theirs] }, Ours);
            return (!isTheirs || without is not null) && (with is null || image.Status != "active");
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_project_is_asked_for_only_where_it_matters()
        => Prop.ForAll(Images(), static image =>
            FetchPolicy.NeedsProject(image, Configuration())
            || Decide(image, Configuration(), Ours) == Decide(image, Configuration(), Theirs)).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(true, true, false, null)]
    [InlineData(true, false, false, null)]
    [InlineData(false, true, false, ErrorIds.VerificationRequired)]
    [InlineData(false, false, false, ErrorIds.VerificationRequired)]
    [InlineData(false, false, true, null)]
    public void The_digests_decide_where_they_are_required(bool hasHash, bool hasChecksum, bool isLenient, string? errorId)
    {
        ImageDescriptor image = Image("active", "public", Ours) with
        {
            HashValue = hasHash ? new string('0', 128) : null,
            HashAlgorithm = "sha512",
            Checksum = hasChecksum ? new string('0', 32) : null,
        };
        Assert.Equal(errorId, Decide(image, Configuration() with { RequireChecksum = !isLenient, AllowWeakDigest = isLenient }, Ours));
    }

    [Theory]
    [InlineData("md5", 32)]
    [InlineData("sha1", 40)]
    [InlineData("blake9", 128)]
    public void A_digest_that_proves_little_is_a_weak_one(string algorithm, int length)
    {
        ImageDescriptor image = Image("active", "public", Ours) with { HashAlgorithm = algorithm, HashValue = new string('0', length), Checksum = new string('0', 32) };
        Assert.Null(Decide(image, Configuration() with { RequireChecksum = true }, Ours));
        Assert.Equal(ErrorIds.VerificationRequired, Decide(image, Configuration() with { AllowWeakDigest = false }, Ours));
    }

    [Theory]
    [InlineData(false, false, false, null)]
    [InlineData(true, false, false, ErrorIds.VerificationRequired)]
    [InlineData(false, true, false, ErrorIds.VerificationRequired)]
    [InlineData(true, true, true, null)]
    public void A_signature_must_be_there_where_it_is_required(bool byRequest, bool bySetting, bool isSigned, string? errorId)
    {
        ImageDescriptor image = Image("active", "public", Ours) with { IsSigned = isSigned };
        Assert.Equal(errorId, Decide(image, Configuration() with { Signature = bySetting ? SignaturePolicy.Require : SignaturePolicy.Ignore }, Ours, byRequest));
    }

    private static Arbitrary<ImageDescriptor> Images() => Arb.From(
        from status in Gen.Elements(s_statuses)
        from visibility in Gen.Elements(s_visibilities)
        from owner in Gen.Elements(s_owners)
        select Image(status, visibility, owner));

    private static ImageDescriptor Image(string status, string? visibility, string? owner)
        => new() { Id = "id", Status = status, Visibility = visibility, Owner = owner };

    private static ImageCacheConfiguration Configuration() => new() { CachePath = "/nowhere/_base" };

    private static string? Decide(ImageDescriptor image, ImageCacheConfiguration configuration, string? project, bool requireSignature = false)
    {
        try
        {
            FetchPolicy.Require(image, configuration, project, requireSignature);
            return null;
        }
        catch (PolicyException e)
        {
            return e.ErrorId;
        }
    }
}
