using System.Text;
using ImageCache.Engine.Trust;
using Xunit;

namespace ImageCache.Engine.Tests.Trust;

public sealed class CertificateStoreTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly TestSigner _signer = TestSigner.Plain("Signer");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _signer.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(".pem", false)]
    [InlineData(".crt", false)]
    [InlineData(".cer", true)]
    [InlineData(".der", true)]
    [InlineData("", false)]
    public async Task A_directory_has_PEM_and_DER_under_the_id(string ending, bool isDer)
    {
        await File.WriteAllBytesAsync(_directory[_signer.Id + ending], isDer ? _signer.Der : Encoding.ASCII.GetBytes("# a note\n" + _signer.Pem), Token);
        DirectoryCertificates store = new(_directory.FullPath);
        foreach (string id in new[] { _signer.Id, _signer.Id.ToUpperInvariant(), _signer.Id.Replace("-", "", StringComparison.Ordinal) })
        {
            CertificateFinding finding = await store.FindAsync(id, Token);
            Assert.Equal(("CN=Signer", id), (finding.Certificate!.Facts.Subject, finding.Certificate.Id));
        }
    }

    [Fact]
    public async Task The_first_certificate_of_a_PEM_file_counts()
    {
        using TestSigner other = TestSigner.Plain("Other");
        await File.WriteAllTextAsync(_directory[_signer.Id + ".pem"], "-----BEGIN X-----\nAAAA\n-----END X-----\n" + _signer.Pem + "\n" + other.Pem, Token);
        Assert.Equal("CN=Signer", (await new DirectoryCertificates(_directory.FullPath).FindAsync(_signer.Id, Token)).Certificate!.Facts.Subject);
    }

    [Fact]
    public async Task What_a_directory_does_not_have_is_missing_for_good()
    {
        await File.WriteAllTextAsync(_directory[_signer.Id], "no certificate", Token);
        DirectoryCertificates store = new(_directory.FullPath);
        foreach (string id in new[] { _signer.Id, Guid.NewGuid().ToString(), "../" + _directory.FullPath, "" })
        {
            CertificateFinding finding = await store.FindAsync(id, Token);
            Assert.Equal((null, true), (finding.Certificate, finding.IsFinal));
            Assert.NotEmpty(finding.Reason!);
        }
    }

    [Fact]
    public async Task A_file_without_end_is_no_certificate()
    {
        await File.WriteAllTextAsync(_directory[_signer.Id], _signer.Pem + new string('\n', Certificate.LargestSize), Token);
        Assert.Null((await new DirectoryCertificates(_directory.FullPath).FindAsync(_signer.Id, Token)).Certificate);
    }

    [Fact]
    public async Task A_directory_that_is_not_there_tells_nothing()
    {
        CertificateFinding finding = await new DirectoryCertificates(_directory["nowhere"]).FindAsync(_signer.Id, Token);
        Assert.Equal((null, false), (finding.Certificate, finding.IsFinal));
    }

    [Fact]
    public async Task Stores_are_asked_in_their_order()
    {
        DirectoryCertificates missing = new(_directory.FullPath);
        DirectoryCertificates nowhere = new(_directory["nowhere"]);
        Assert.NotNull((await new CertificateSearch([nowhere, missing, Judgement.Store(_signer)]).FindAsync(_signer.Id, Token)).Certificate);
        Assert.True((await new CertificateSearch([missing, Judgement.Store()]).FindAsync(_signer.Id, Token)).IsFinal);
        CertificateFinding open = await new CertificateSearch([nowhere, missing]).FindAsync(_signer.Id, Token);
        Assert.False(open.IsFinal);
        Assert.Contains("is not there", open.Reason, StringComparison.Ordinal);
        Assert.Contains("has no certificate", open.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_that_was_tampered_with_has_no_certificate()
    {
        RecordedCertificates store = new(new Dictionary<string, string> { [_signer.Id] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" });
        CertificateFinding finding = await store.FindAsync(_signer.Id, Token);
        Assert.Equal((null, true), (finding.Certificate, finding.IsFinal));
    }
}
