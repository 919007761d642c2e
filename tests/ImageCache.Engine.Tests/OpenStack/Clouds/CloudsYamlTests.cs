using ImageCache.Engine.OpenStack.Clouds;
using Xunit;

namespace ImageCache.Engine.Tests.OpenStack.Clouds;

public sealed class CloudsYamlTests : IDisposable
{
    private const string Minimal = """
        clouds:
          one:
            auth:
              auth_url: https://one.example/identity
              username: me
              password: planted
              project_name: p
        """;

    private readonly TestDirectory _directory = new();
    private readonly Dictionary<string, string> _environment = [];

    public CloudsYamlTests()
    {
        Directory.CreateDirectory(_directory["first"]);
        Directory.CreateDirectory(_directory["second"]);
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void TheOnlyEntryIsTaken()
    {
        Write("first/clouds.yaml", Minimal);
        CloudConfiguration cloud = Choose();
        Assert.Equal(("one", "https://one.example/identity", "public", true), (cloud.Name, cloud.Credentials.AuthUrl.AbsoluteUri, cloud.Interface, cloud.VerifyCertificate));
        Assert.Equal(("me", "default", "planted"), (cloud.Credentials.UserName, cloud.Credentials.UserDomainId, cloud.Credentials.Password!.Reveal()));
        Assert.Equal(("p", "default"), (cloud.Credentials.ProjectName, cloud.Credentials.ProjectDomainId));
        Assert.DoesNotContain("planted", cloud.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void OnlyTheFirstFileOfTheSearchIsRead()
    {
        Write("second/clouds.yaml", Minimal.Replace("one", "two", StringComparison.Ordinal));
        Assert.Equal("two", Choose().Name);
        Write("first/clouds.json", """{"clouds": {"json": {"auth": {"auth_url": "http://j\/v3", "username": "\u00fc", "password": "x"}}}}""");
        Assert.Equal(("json", "ü"), (Choose().Name, Choose().Credentials.UserName));
        Write("first/clouds.yml", Minimal.Replace("one", "yml", StringComparison.Ordinal));
        Assert.Equal("yml", Choose().Name);
        Write("first/clouds.yaml", Minimal);
        Assert.Equal("one", Choose().Name);
        Write("named.yaml", Minimal.Replace("one", "named", StringComparison.Ordinal));
        _environment["OS_CLIENT_CONFIG_FILE"] = "named.yaml";
        Assert.Equal("named", Choose().Name);
        _environment["OS_CLIENT_CONFIG_FILE"] = "~/missing.yaml";
        Assert.Equal("one", Choose().Name);
    }

    [Fact]
    public void SearchesWhereOpenStackDoes()
    {
        EngineOptions options = new()
        {
            WorkingDirectory = "/somewhere",
            Environment = new Dictionary<string, string> { ["HOME"] = "/home/me", ["XDG_CONFIG_HOME"] = "/home/me/conf" },
        };
        Assert.Equal(
            ["/somewhere", "/home/me/conf/openstack", "/home/me/.config/openstack", "/etc/xdg/openstack", "/etc/openstack"],
            new CloudFiles(options).Directories);
    }

    [Fact]
    public void SecureYamlIsMergedDeepAndWins()
    {
        Write("first/clouds.yaml", Minimal);
        Write("second/secure.yaml", "clouds: {one: {auth: {password: better}, region_name: R}}");
        CloudConfiguration cloud = Choose();
        Assert.Equal(("better", "me", "R"), (cloud.Credentials.Password!.Reveal(), cloud.Credentials.UserName, cloud.Region));
        Write("secret.yaml", "clouds: {one: {auth: {password: best}}}");
        _environment["OS_CLIENT_SECURE_FILE"] = _directory["secret.yaml"];
        Assert.Equal("best", Choose().Credentials.Password!.Reveal());
    }

    [Fact]
    public void AProfileLiesUnderTheEntry()
    {
        Write("first/clouds.yaml", "clouds: {one: {profile: vendor, interface: internal, auth: {username: me, password: x, project_name: p}}}");
        Write("second/clouds-public.yaml", "public-clouds: {vendor: {interface: admin, region_name: R, auth: {auth_url: 'https://vendor.example', project_domain_name: D}}}");
        CloudConfiguration cloud = Choose();
        Assert.Equal(("internal", "R", "https://vendor.example/", "me", "D"), (cloud.Interface, cloud.Region, cloud.Credentials.AuthUrl.AbsoluteUri, cloud.Credentials.UserName, cloud.Credentials.ProjectDomainName));
    }

    [Fact]
    public void AProfileThatIsNowhereIsNamed()
    {
        Write("first/clouds.yaml", "clouds:\n  one:\n    profile: rackspace\n    auth: {username: me}");
        InvalidInputException error = Assert.Throws<InvalidInputException>(() => Choose());
        Assert.Equal(ErrorIds.CloudNotConfigured, error.ErrorId);
        Assert.Contains("rackspace", error.Message, StringComparison.Ordinal);
        Assert.Contains("first/clouds.yaml, line 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheNameThenOsCloudThenTheVariablesThenTheOnlyEntry()
    {
        Write("first/clouds.yaml", Minimal);
        Write("first/secure.yaml", "clouds: {two: {auth: {auth_url: 'http://two', username: u, password: x}}, three: {auth: {auth_url: 'http://three', username: u, password: x}}}");
        SetVariables();
        Assert.Equal(("envvars", "http://env/"), (Choose().Name, Choose().Credentials.AuthUrl.AbsoluteUri));
        _environment["OS_CLOUD"] = "two";
        Assert.Equal("two", Choose().Name);
        Assert.Equal("u", Choose().Credentials.UserName);
        Assert.Equal("three", Choose("three").Name);
        Assert.Equal("envvars", Choose("envvars").Name);
        _environment["OS_CLOUD_NAME"] = "mine";
        Assert.Equal("mine", Choose("mine").Name);
        Assert.Equal(["mine", "one", "three", "two"], Yaml().Names().Order());
    }

    [Fact]
    public void SeveralEntriesWantAChoice()
    {
        Write("first/clouds.yaml", Minimal + "\n  two: {auth: {auth_url: 'http://two'}}");
        InvalidInputException error = Assert.Throws<InvalidInputException>(() => Choose());
        Assert.Equal(ErrorIds.CloudNotConfigured, error.ErrorId);
        Assert.Contains("one, two", error.Message, StringComparison.Ordinal);
        Assert.Contains("OS_CLOUD", error.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public void NoCloudAtAllSaysWhatToDo()
    {
        InvalidInputException error = Assert.Throws<InvalidInputException>(() => Choose());
        Assert.Equal(ErrorIds.CloudNotConfigured, error.ErrorId);
        Assert.Contains(_directory["first"], error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.NextStep);
        error = Assert.Throws<InvalidInputException>(() => Choose("missing"));
        Assert.Equal(ErrorIds.CloudNotConfigured, error.ErrorId);
        Assert.Contains("'missing'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void VariablesThatOnlySelectDescribeNoCloud()
    {
        Write("first/clouds.yaml", Minimal);
        _environment["OS_REGION_NAME"] = "R";
        _environment["OS_LOG"] = "x";
        _environment["OS_PASSWORD"] = "";
        Assert.Equal("one", Choose().Name);
    }

    [Fact]
    public void VariablesBecomeKeys()
    {
        SetVariables();
        _environment["OS_TENANT_NAME"] = "old";
        _environment["OS_INTERFACE"] = "internalURL";
        _environment["OS_CACERT"] = "~/ca.pem";
        _environment["OS_IMAGE_ENDPOINT_OVERRIDE"] = "http://image";
        _environment["OS_IDENTITY_API_VERSION"] = "3";
        _environment["HOME"] = "/home/me";
        CloudConfiguration cloud = Choose();
        Assert.Equal(("old", "internal", "/home/me/ca.pem"), (cloud.Credentials.ProjectName, cloud.Interface, cloud.AuthorityPath));
        Assert.Equal("http://image", cloud.ServiceSetting("image", "endpoint_override")!.Text);
    }

    [Fact]
    public void AnEntryNamedAsTheVariablesCloudIsAnError()
    {
        Write("first/clouds.yaml", Minimal.Replace("one:", "envvars:", StringComparison.Ordinal));
        SetVariables();
        Assert.Equal(ErrorIds.CloudNotConfigured, Assert.Throws<InvalidInputException>(() => Choose()).ErrorId);
    }

    [Fact]
    public void RegionsMayHaveValuesOfTheirOwn()
    {
        string regions = "\n    regions: [A, {name: B, values: {interface: internal, auth: {project_name: q}}}]";
        Write("first/clouds.yaml", Minimal + regions);
        Assert.Equal(("A", "p"), (Choose().Region, Choose().Credentials.ProjectName));
        _environment["OS_REGION_NAME"] = "B";
        CloudConfiguration cloud = Choose();
        Assert.Equal(("B", "internal", "q", "me"), (cloud.Region, cloud.Interface, cloud.Credentials.ProjectName, cloud.Credentials.UserName));
        Write("first/clouds.yaml", Minimal + regions + "\n    region_name: C");
        InvalidInputException error = Assert.Throws<InvalidInputException>(() => Choose());
        Assert.Contains("'C'", error.Message, StringComparison.Ordinal);
        Assert.Contains("A, B", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ADomainBesideAProjectIsThatOfBoth()
    {
        Entry("project_name: p, domain_name: D, user_domain_id: u");
        CloudCredentials credentials = Choose().Credentials;
        Assert.Equal((null, "D", "u", null), (credentials.ProjectDomainId, credentials.ProjectDomainName, credentials.UserDomainId, credentials.UserDomainName));
        Assert.Null(credentials.DomainName);
        Entry("domain_name: D");
        Assert.Equal(("D", null), (Choose().Credentials.DomainName, Choose().Credentials.ProjectName));
    }

    [Fact]
    public void KeysOutsideAuthCountUnlessAuthHasThem()
    {
        Write("first/clouds.yaml", """
            clouds:
              one:
                username: outside
                password: outside
                tenant-id: t
                auth: {auth_url: "http://x", username: inside}
            """);
        CloudCredentials credentials = Choose().Credentials;
        Assert.Equal(("inside", "outside", "t"), (credentials.UserName, credentials.Password!.Reveal(), credentials.ProjectId));
    }

    [Theory]
    [InlineData("auth_type: v3applicationcredential", "application_credential_id: i, application_credential_secret: s", AuthenticationMethod.ApplicationCredential)]
    [InlineData("", "application_credential_id: i, application_credential_secret: s", AuthenticationMethod.ApplicationCredential)]
    [InlineData("auth_type: v3token", "token: t", AuthenticationMethod.Token)]
    [InlineData("", "token: t", AuthenticationMethod.Token)]
    [InlineData("auth_type: password", "username: u, password: x", AuthenticationMethod.Password)]
    internal void TheMethodIsNamedOrSeenFromTheKeys(string type, string auth, AuthenticationMethod method)
    {
        Write("first/clouds.yaml", $"clouds:\n  one:\n    {type}\n    auth: {{auth_url: 'http://x', {auth}}}");
        Assert.Equal(method, Choose().Credentials.Method);
    }

    [Theory]
    [InlineData("auth_type: v3oidcpassword", "username: u, password: planted", "v3oidcpassword")]
    [InlineData("auth_type: none", "username: u, password: planted", "'none'")]
    [InlineData("identity_api_version: 2", "username: u, password: planted", "identity_api_version 2")]
    [InlineData("verify: maybe", "username: u, password: planted", "'verify'")]
    [InlineData("api_timeout: -1", "username: u, password: planted", "'api_timeout'")]
    [InlineData("", "password: planted", "'username' is missing")]
    [InlineData("", "username: u", "'password' is missing")]
    [InlineData("", "username: u, password: [planted]", "'password'")]
    [InlineData("auth_type: token", "username: u, password: planted", "'token' is missing")]
    [InlineData("auth_type: v3applicationcredential", "application_credential_name: n, application_credential_secret: planted", "'username' is missing")]
    public void WhatCannotBeUsedIsNamed(string key, string auth, string part)
    {
        Write("first/clouds.yaml", $"clouds:\n  one:\n    {key}\n    auth: {{auth_url: 'http://x', {auth}}}");
        InvalidInputException error = Assert.Throws<InvalidInputException>(() => Choose());
        Assert.Equal(ErrorIds.ConfigurationInvalid, error.ErrorId);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Contains("first/clouds.yaml, line", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("planted", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://x")]
    [InlineData("x")]
    [InlineData("https://user:planted@x")]
    [InlineData("https://x/?q=planted")]
    public void AnAuthUrlMustBeAPlainOne(string url)
    {
        Write("first/clouds.yaml", $"clouds:\n  one:\n    auth: {{auth_url: '{url}', username: u, password: p}}");
        InvalidInputException error = Assert.Throws<InvalidInputException>(() => Choose());
        Assert.Equal(ErrorIds.ConfigurationInvalid, error.ErrorId);
        Assert.Contains("auth_url", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("planted", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("clouds: [\n\n", 0)]
    [InlineData("clouds:\n  one:\n    auth: {password: planted\n  two: x", 0)]
    [InlineData("- a\n- b", 1)]
    [InlineData("clouds: text", 1)]
    [InlineData("clouds:\n  one: text", 2)]
    [InlineData("clouds:\n\ta: b", 0)]
    [InlineData("clouds: {a: {b: 1, b: 2}}", 1)]
    public void AFileThatIsNoneIsNamedWithItsLine(string content, int line)
    {
        Write("first/clouds.yaml", content);
        InvalidInputException error = Assert.Throws<InvalidInputException>(() => Choose("one"));
        Assert.Equal(ErrorIds.ConfigurationInvalid, error.ErrorId);
        Assert.Contains(_directory["first/clouds.yaml"], error.Message, StringComparison.Ordinal);
        if (line > 0)
        {
            Assert.True(error.Message.Contains($"line {line})", StringComparison.Ordinal), error.Message);
        }

        Assert.DoesNotContain("planted", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void AliasesThatMultiplyAreRefusedAndMergeKeysWork()
    {
        string bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + string.Concat(
            Enumerable.Range(1, 9).Select(static level => $"{(char)('a' + level)}: &{(char)('a' + level)} [{string.Join(',', Enumerable.Repeat("*" + (char)('a' + level - 1), 10))}]\n"));
        Write("first/clouds.yaml", bomb);
        Assert.Equal(ErrorIds.ConfigurationInvalid, Assert.Throws<InvalidInputException>(() => Choose()).ErrorId);
        foreach (string deep in new[] { new string('[', 1_000_000), string.Concat(Enumerable.Repeat("{a: ", 100_000)), string.Concat(Enumerable.Repeat("- ", 100_000)) })
        {
            Write("first/clouds.yaml", deep);
            Assert.Equal(ErrorIds.ConfigurationInvalid, Assert.Throws<InvalidInputException>(() => Choose()).ErrorId);
        }

        Write("first/clouds.yaml", """
            defaults: &defaults
              region_name: R
              interface: admin
            clouds:
              one:
                <<: *defaults
                interface: internal
                auth: {auth_url: "http://x", username: u, password: p}
            """);
        Assert.Equal(("R", "internal"), (Choose().Region, Choose().Interface));
    }

    [Fact]
    public void AnEmptyFileIsNoCloud()
    {
        Write("first/clouds.yaml", "# nothing\n");
        Assert.Equal(ErrorIds.CloudNotConfigured, Assert.Throws<InvalidInputException>(() => Choose()).ErrorId);
        Write("first/clouds.yaml", "clouds:\n");
        Assert.Equal(ErrorIds.CloudNotConfigured, Assert.Throws<InvalidInputException>(() => Choose()).ErrorId);
    }

    [Theory]
    [InlineData("insecure: true", false)]
    [InlineData("insecure: yes", false)]
    [InlineData("verify: False", false)]
    [InlineData("verify: true", true)]
    [InlineData("insecure: false", true)]
    public void VerificationCanBeSwitchedOff(string key, bool verifies)
    {
        Write("first/clouds.yaml", Minimal + "\n    " + key);
        Assert.Equal(verifies, Choose().VerifyCertificate);
    }

    private void SetVariables()
    {
        _environment["OS_AUTH_URL"] = "http://env";
        _environment["OS_USERNAME"] = "env-user";
        _environment["OS_PASSWORD"] = "planted";
    }

    private void Entry(string auth)
        => Write("first/clouds.yaml", $"clouds: {{one: {{auth: {{auth_url: 'http://x', username: u, password: p, {auth}}}}}}}");

    private void Write(string name, string content) => File.WriteAllText(_directory[name], content);

    private CloudsYaml Yaml()
    {
        EngineOptions options = new() { Environment = _environment, WorkingDirectory = _directory.FullPath };
        return new CloudsYaml(options, new CloudFiles(options) { Directories = [_directory["first"], _directory["second"]] });
    }

    private CloudConfiguration Choose(string? name = null) => Yaml().Choose(name);
}
