using System.Diagnostics;
using ImageCache.Engine.Trust;
using Xunit;

namespace ImageCache.Engine.Tests.Trust;

/// <summary>Keys of every type with self-signed certificates, made by the real openssl; and cursive, to ask for its judgement.</summary>
public sealed class OpenSslSigners : IAsyncLifetime
{
    /// <summary>The key types, each with what openssl genpkey makes it by.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> KeyTypes = new Dictionary<string, string[]>
    {
        ["RSA-PSS"] = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        ["DSA"] = [],
        ["ECC_SECT571K1"] = Curve("sect571k1"),
        ["ECC_SECT409K1"] = Curve("sect409k1"),
        ["ECC_SECT571R1"] = Curve("sect571r1"),
        ["ECC_SECT409R1"] = Curve("sect409r1"),
        ["ECC_SECP521R1"] = Curve("secp521r1"),
        ["ECC_SECP384R1"] = Curve("secp384r1"),
    };

    private readonly TestDirectory _directory = new();
    private readonly SemaphoreSlim _making = new(1);
    private readonly Dictionary<string, string> _ids = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        _making.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Makes a key and its self-signed certificate, once for each name.</summary>
    /// <returns>The id that the certificate goes by.</returns>
    public Task<string> MakeAsync(string name, params string[] genpkey)
        => OnceAsync(name, name, genpkey, () => RunAsync([.. SelfSigned(name)]));

    /// <summary>Makes a proper authority with a key of a type.</summary>
    public Task<string> MakeAuthorityAsync(string name, string keyType, params string[] genpkey)
        => OnceAsync(name, keyType, genpkey, () => RunAsync(
            [.. SelfSigned(name), "-addext", "basicConstraints=critical,CA:TRUE,pathlen:1", "-addext", "keyUsage=critical,keyCertSign"]));

    /// <summary>Makes a P-384 key with a certificate by an authority.</summary>
    public Task<string> IssueAsync(string name, string issuer, params string[] options)
        => OnceAsync(name, "ECC_SECP384R1", [], async () =>
        {
            await RunAsync("req", "-new", "-key", Key(name), "-subj", $"/CN={name}", "-out", _directory[name + ".csr"]);
            await RunAsync([
                "x509", "-req", "-in", _directory[name + ".csr"], "-CA", _directory[issuer + ".crt"], "-CAkey", Key(issuer),
                "-set_serial", "1", "-days", "3650", .. options, "-out", _directory[name + ".crt"]]);
        });

    /// <summary>The certificate of a key that was made.</summary>
    public string Pem(string name) => File.ReadAllText(_directory[name + ".crt"]);

    /// <summary>Signs data as an image's owner would.</summary>
    /// <param name="name">The key.</param>
    /// <param name="keyType">img_signature_key_type.</param>
    /// <param name="hashMethod">img_signature_hash_method.</param>
    /// <param name="data">The image.</param>
    /// <param name="salt">openssl's rsa_pss_saltlen.</param>
    public async Task<Dictionary<string, string>> SignAsync(string name, string keyType, string hashMethod, byte[] data, string salt = "max")
    {
        string file = _directory[Guid.NewGuid().ToString()];
        await File.WriteAllBytesAsync(file, data, Token);
        string[] pss = keyType == "RSA-PSS" ? ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:" + salt] : [];
        string digest = "-" + hashMethod.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
        await RunAsync(["dgst", digest, "-sign", Key(name), .. pss, "-out", file + ".sig", file]);
        return new Dictionary<string, string>
        {
            [SignatureClaim.SignatureProperty] = Convert.ToBase64String(await File.ReadAllBytesAsync(file + ".sig", Token)),
            [SignatureClaim.HashMethodProperty] = hashMethod,
            [SignatureClaim.KeyTypeProperty] = keyType,
            [SignatureClaim.CertificateProperty] = _ids[name],
        };
    }

    private static string[] Curve(string name) => ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + name, "-pkeyopt", "ec_param_enc:named_curve"];

    private async Task<string> OnceAsync(string name, string keyType, string[] genpkey, Func<Task> certify)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/openssl"), "needs openssl");
        await _making.WaitAsync(Token);
        try
        {
            if (!_ids.TryGetValue(name, out string? id))
            {
                await MakeKeyAsync(name, genpkey.Length > 0 ? genpkey : KeyTypes[keyType]);
                await certify();
                _ids[name] = id = Guid.NewGuid().ToString();
            }

            return id;
        }
        finally
        {
            _making.Release();
        }
    }

    private string Key(string name) => _directory[name + ".key"];

    private string[] SelfSigned(string name)
        => ["req", "-x509", "-new", "-key", Key(name), "-days", "3650", "-subj", $"/CN={name}", "-out", _directory[name + ".crt"]];

    private async Task MakeKeyAsync(string name, string[] genpkey)
    {
        if (genpkey.Length == 0)
        {
            string parameters = _directory[name + ".param"];
            await RunAsync("genpkey", "-genparam", "-algorithm", "DSA", "-pkeyopt", "dsa_paramgen_bits:2048", "-pkeyopt", "dsa_paramgen_q_bits:256", "-out", parameters);
            genpkey = ["-paramfile", parameters];
        }

        await RunAsync(["genpkey", .. genpkey, "-out", Key(name)]);
    }

    private static async Task RunAsync(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("/usr/bin/openssl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(Token);
        string error = await process.StandardError.ReadToEndAsync(Token);
        await output;
        await process.WaitForExitAsync(Token);
        Assert.True(process.ExitCode == 0, $"openssl {string.Join(' ', arguments)}: {error}");
    }
}
