using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ImageCache.Engine.OpenStack.Http;

/// <summary>Makes the innermost handler: connections, TLS, and nothing that carries a token where it does not belong.</summary>
internal static class SocketHandlers
{
    public static SocketsHttpHandler Create(ServiceHttpOptions options) => new()
    {
        ConnectTimeout = options.ConnectTimeout,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        SslOptions = Tls(options),
    };

    private static SslClientAuthenticationOptions Tls(ServiceHttpOptions options)
    {
        SslClientAuthenticationOptions tls = new();
        if (!options.VerifyCertificate)
        {
#pragma warning disable CA5359 // The operator's own choice: insecure, or verify: false.
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (options.AuthorityPath is { } authorities)
        {
            tls.CertificateChainPolicy = Trusting(authorities);
        }

        if (options.CertificatePath is { } certificate)
        {
            tls.ClientCertificates = [Load(certificate, () => X509Certificate2.CreateFromPemFile(certificate, options.KeyPath))];
        }

        return tls;
    }

    private static X509ChainPolicy Trusting(string path)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        Load(path, () =>
        {
            policy.CustomTrustStore.ImportFromPemFile(path);
            return policy;
        });
        policy.ExtraStore.AddRange(policy.CustomTrustStore);
        return policy.CustomTrustStore.Count > 0 ? policy : throw Unusable(path, "it holds no certificate", null);
    }

    private static T Load<T>(string path, Func<T> load)
    {
        try
        {
            return load();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Unusable(path, error.Message, error);
        }
    }

    private static InvalidInputException Unusable(string path, string reason, Exception? cause) => new(
        ErrorIds.ConfigurationInvalid,
        $"The certificate file '{path}' cannot be used: {reason}",
        nextStep: "Correct cacert, cert or key of the cloud's entry in clouds.yaml.",
        cause: cause);
}
