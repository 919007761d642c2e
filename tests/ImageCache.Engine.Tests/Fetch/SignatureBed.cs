using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch;

/// <summary>A node whose certificates are files, with an authority, a signer that it issued, and another one that nobody knows.</summary>
internal sealed class SignatureBed : IAsyncDisposable
{
    private readonly List<RSA> _keys = [];

    private readonly bool _ownsNode;

    /// <param name="node">The node, when it is another bed's.</param>
    public SignatureBed(EngineBed? node = null)
    {
        _ownsNode = node is null;
        Node = node ?? new EngineBed();
        Directory.CreateDirectory(CertificateDirectory);
        Node.Settings["certificate_directory"] = CertificateDirectory;
        (Authority, RSA authority) = Create("Authority", null, null, DateTimeOffset.UtcNow.AddYears(10), isAuthority: true);
        (Signer, SignerKey) = Create("Signer", Certificate(Authority), authority, DateTimeOffset.UtcNow.AddYears(5));
        (Expired, ExpiredKey) = Create("Expired", Certificate(Authority), authority, DateTimeOffset.UtcNow.AddDays(-1));
        (Stranger, _) = Create("Stranger", null, null, DateTimeOffset.UtcNow.AddYears(10), isAuthority: true);
    }

    public EngineBed Node { get; }

    public string CertificateDirectory => Node.Directory["certificates"];

    /// <summary>The id of a trusted root.</summary>
    public string Authority { get; }

    /// <summary>The id of a certificate that the authority issued.</summary>
    public string Signer { get; }

    public RSA SignerKey { get; }

    /// <summary>The id of one whose time is over.</summary>
    public string Expired { get; }

    public RSA ExpiredKey { get; }

    /// <summary>The id of a root that issued nothing.</summary>
    public string Stranger { get; }

    /// <summary>The properties of data that the signer signed.</summary>
    public Dictionary<string, object?> Sign(byte[] data, string method = "SHA-256") => Sign(data, Signer, SignerKey, method);

    public static Dictionary<string, object?> Sign(byte[] data, string certificate, RSA key, string method = "SHA-256") => new()
    {
        ["img_signature"] = Convert.ToBase64String(key.SignData(data, new HashAlgorithmName(method.Replace("-", "", StringComparison.Ordinal)), RSASignaturePadding.Pss)),
        ["img_signature_hash_method"] = method,
        ["img_signature_key_type"] = "RSA-PSS",
        ["img_signature_certificate_uuid"] = certificate,
    };

    /// <summary>An image that the signer signed.</summary>
    public FakeImage AddSigned(byte[] data, string method = "SHA-256", string format = "raw")
        => Node.Cloud.Add(new FakeImage { Data = data, DiskFormat = format, Extra = Sign(data, method) });

    /// <summary>An image with the signature of other data.</summary>
    public FakeImage AddTampered(byte[] data) => Node.Cloud.Add(new FakeImage { Data = data, Extra = Sign([.. data, 1]) });

    /// <summary>An image whose signer's time is over.</summary>
    public FakeImage AddExpired(byte[] data) => Node.Cloud.Add(new FakeImage { Data = data, Extra = Sign(data, Expired, ExpiredKey) });

    public Task<FetchOutcome> TryRequireAsync(string image) => Node.TryFetchAsync(new FetchRequest { Image = image, RequireSignature = true });

    public Task<BaseImage> RequireAsync(string image) => Node.FetchAsync(new FetchRequest { Image = image, RequireSignature = true });

    public Task<SignatureResult> TestAsync(SignatureRequest request)
        => Node.Open().TestSignatureAsync(request, Node.Monitor, TestContext.Current.CancellationToken);

    public Task<SignatureResult> TestAsync(string image) => TestAsync(new SignatureRequest { Image = image });

    /// <summary>From now on there is neither a cloud nor a certificate to be had.</summary>
    public void GoOffline()
    {
        foreach (string name in Node.Cloud.Environment().Keys)
        {
            Node.Variables[name] = "";
        }

        Directory.Delete(CertificateDirectory, recursive: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_ownsNode)
        {
            await Node.DisposeAsync();
        }

        _keys.ForEach(static key => key.Dispose());
    }

    private (string Id, RSA Key) Create(string name, X509Certificate2? issuer, RSA? issuerKey, DateTimeOffset notAfter, bool isAuthority = false)
    {
        RSA key = RSA.Create(2048);
        _keys.Add(key);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        if (isAuthority)
        {
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 1, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        }

        using (issuer)
        {
            X509SignatureGenerator generator = X509SignatureGenerator.CreateForRSA(issuerKey ?? key, RSASignaturePadding.Pkcs1);
            using X509Certificate2 made = request.Create(
                issuer?.SubjectName ?? request.SubjectName, generator, DateTimeOffset.UtcNow.AddYears(-1), notAfter, RandomNumberGenerator.GetBytes(8));
            string id = Guid.NewGuid().ToString();
            File.WriteAllText(PathOf(id), made.ExportCertificatePem());
            return (id, key);
        }
    }

    private X509Certificate2 Certificate(string id) => X509CertificateLoader.LoadCertificateFromFile(PathOf(id));

    private string PathOf(string id) => Path.Join(CertificateDirectory, id + ".pem");
}
