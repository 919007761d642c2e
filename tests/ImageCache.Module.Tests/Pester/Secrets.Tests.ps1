# Every cmdlet runs with secrets that have a mark, well and badly; then all that came out is searched for them: every stream with
# -Verbose and -Debug, errors with all that hangs on them, progress, and the files of the cache and of the user.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Clear-CloudEnvironment
    Import-TestModule

    $secrets = @{
        Password   = "markedpassword$([guid]::NewGuid().ToString('n'))"
        Wrong      = "markedwrong$([guid]::NewGuid().ToString('n'))"
        Credential = "markedcredential$([guid]::NewGuid().ToString('n'))"
        Query      = "markedsignature$([guid]::NewGuid().ToString('n'))"
        UserInfo   = "markeduserinfo$([guid]::NewGuid().ToString('n'))"
    }

    # What each cmdlet is run with; a cmdlet without a case fails the test.
    $cases = [ordered]@{
        'Find-BaseImage'              = { param($with) Find-BaseImage @with -Name marked* }
        'Invoke-ImageFetch'           = { param($with) Invoke-ImageFetch @with $imageId -Confirm:$false }
        'Get-BaseImage'               = { param($with) Get-BaseImage @with }
        'Get-ImageCacheConfiguration' = { param($with) Get-ImageCacheConfiguration @with }
        'Initialize-ImageCache'       = { param($with) Initialize-ImageCache @with -Confirm:$false }
        'Test-BaseImage'              = { param($with) Test-BaseImage @with -Online }
        'Test-ImageSignature'         = { param($with) Test-ImageSignature @with $imageId }
        'Remove-BaseImage'            = { param($with) Remove-BaseImage @with $imageId -Confirm:$false }
    }

    # An error and all that hangs on it: its view, its target, its exceptions with their data, what was bound.
    function Expand-ErrorRecord {
        param([Management.Automation.ErrorRecord] $ErrorRecord)
        $ErrorRecord | Format-List * -Force | Out-String -Width 4096
        $ErrorRecord | Get-Error | Out-String -Width 4096
        "$($ErrorRecord.TargetObject) $($ErrorRecord.CategoryInfo) $($ErrorRecord.ErrorDetails) $($ErrorRecord.FullyQualifiedErrorId)"
        for ($exception = $ErrorRecord.Exception; $exception; $exception = $exception.InnerException) {
            $exception.ToString()
            foreach ($entry in $exception.Data.GetEnumerator()) { "$($entry.Key)=$($entry.Value)" }
            foreach ($property in $exception.PSObject.Properties) { "$($property.Name)=$($property.Value)" }
        }
    }

    # Runs a script with every stream open, in a runspace of its own, and gives all that came of it as text.
    function Get-AllText {
        param([scriptblock] $Script, [hashtable] $With)
        $parameters = $With + @{ Verbose = $true; Debug = $true }
        $shell = New-TestPipeline -Script ('param($imageId, $with) $DebugPreference = "Continue"; & {' + $Script + '} $with') -Argument $imageId, $parameters
        try {
            $shell.Invoke()
        } catch {
            Expand-ErrorRecord $_.Exception.InnerException.ErrorRecord
        } finally {
            $shell.Streams.Error | ForEach-Object { Expand-ErrorRecord $_ }
            $shell.Streams.Verbose, $shell.Streams.Debug, $shell.Streams.Warning, $shell.Streams.Information | ForEach-Object { "$_" }
            $shell.Streams.Progress | ForEach-Object { "$($_.Activity) $($_.StatusDescription) $($_.CurrentOperation)" }
            $shell.Dispose()
        }
    }

    function Find-Secret {
        param([string] $Where, [string] $Text)
        foreach ($name in $secrets.Keys) {
            $at = $Text.IndexOf($secrets[$name], [StringComparison]::OrdinalIgnoreCase)
            if ($at -ge 0) { "$name is in ${Where}: $($Text.Substring([Math]::Max(0, $at - 150), [Math]::Min(300, $Text.Length - [Math]::Max(0, $at - 150))))" }
        }

        if ($Text -match 'gAAAAA[\w-]{40,}') { "a token is in $Where" }
    }

    function Find-SecretInFile {
        param([string] $Folder)
        Get-ChildItem $Folder -Recurse -File -Force | ForEach-Object { Find-Secret $_.FullName ([Text.Encoding]::Latin1.GetString([IO.File]::ReadAllBytes($_.FullName))) }
    }

    # All that a cmdlet says and leaves; nothing when it is clean.
    function Search-Cmdlet {
        param([string] $Cmdlet, [scriptblock] $Script, [string] $What, [hashtable] $With = $cache)
        $text = Get-AllText -Script $Script -With $With | ForEach-Object { if ($_ -is [string]) { $_ } else { $_ | Format-List * -Force | Out-String -Width 4096; $_ | ConvertTo-Json -Depth 6 -WarningAction Ignore } }
        Find-Secret "what $Cmdlet says with $What" ($text -join "`n")
        Find-SecretInFile (Join-Path $node.Folder instances)
        if (Test-Path $env:XDG_CACHE_HOME) { Find-SecretInFile $env:XDG_CACHE_HOME }
    }

    # Keystone's API, as the lab's administrator or as another.
    function Invoke-Keystone {
        param([string] $Method, [string] $Path, [string] $Token, $Body)
        $call = @{ Method = $Method; Uri = "$($lab.OS_AUTH_URL)$Path"; Headers = @{ 'X-Auth-Token' = $Token } }
        if ($Body) { $call += @{ Body = [Text.Encoding]::UTF8.GetBytes(($Body | ConvertTo-Json -Depth 9)); ContentType = 'application/json' } }
        Invoke-RestMethod @call
    }

    function Get-Token {
        param([string[]] $Login)
        $user, $word, $project = $Login
        $identity = @{ methods = @('password'); password = @{ user = @{ name = $user; password = $word; domain = @{ id = 'default' } } } }
        $body = @{ auth = @{ identity = $identity; scope = @{ project = @{ name = $project; domain = @{ id = 'default' } } } } }
        $answer = Invoke-WebRequest "$($lab.OS_AUTH_URL)/auth/tokens" -Method Post -ContentType 'application/json' -Body ([Text.Encoding]::UTF8.GetBytes(($body | ConvertTo-Json -Depth 9)))
        "$($answer.Headers.'X-Subject-Token')"
    }

    $lab = Get-LabEnvironment
    if ($lab) {
        $admin = Get-Token $lab.OS_USERNAME, $lab.OS_PASSWORD, $lab.OS_PROJECT_NAME
        $userName = "marked-$([guid]::NewGuid().ToString('n'))"
        $userId = (Invoke-Keystone Post /users $admin @{ user = @{ name = $userName; password = $secrets.Password; domain_id = 'default' } }).user.id
        $project = (Invoke-Keystone Get '/projects?name=demo' $admin).projects[0].id
        $role = (Invoke-Keystone Get '/roles?name=member' $admin).roles[0].id
        $null = Invoke-Keystone Put "/projects/$project/users/$userId/roles/$role" $admin
        $token = Get-Token $userName, $secrets.Password, 'demo'
        $credentialId = (Invoke-Keystone Post "/users/$userId/application_credentials" $token @{
                application_credential = @{ name = $userName; secret = $secrets.Credential; roles = @(@{ id = $role }) }
            }).application_credential.id
        $folder = Join-Path ([IO.Path]::GetTempPath()) "imagecache-test-$([guid]::NewGuid().ToString('n'))"
        $null = New-Item -ItemType Directory $folder
        $source = New-TestImage $folder -Name marked.raw
        Use-LabEnvironment $lab
        $imageId = & (Join-Path (Get-RepositoryRoot) 'tests/lab/upload') --visibility public --format raw $source.Path
    }
}

AfterAll {
    if ($lab) {
        $image = "$((Invoke-Keystone Get '/auth/catalog' $admin).catalog.Where{ $_.type -eq 'image' }[0].endpoints[0].url)/v2/images/$imageId"
        $null = Invoke-RestMethod $image -Method Delete -Headers @{ 'X-Auth-Token' = $admin }
        # Keystone on SQLite leaves roles of a credential behind when only its user is deleted, and then makes no more credentials.
        if ($credentialId) { $null = Invoke-Keystone Delete "/users/$userId/application_credentials/$credentialId" $token }
        $null = Invoke-Keystone Delete "/users/$userId" $admin
        Remove-Item $folder -Recurse -Force
    }

    Clear-CloudEnvironment
}

Describe 'Secrets' {
    BeforeEach {
        if (-not $lab) { Set-ItResult -Skipped -Because 'there is no lab' }
        Clear-CloudEnvironment
        $node = New-TestNode
        $cache = @{ ConfigurationPath = $node.ConfigurationPath }
        Add-Content $node.ConfigurationPath "retries: 0`nconnect_timeout: 5"
    }

    AfterEach {
        if ($node) { Remove-Item $node.Folder -Recurse -Force }
    }

    It 'has a case for every cmdlet' {
        (Get-Command -Module ImageCache -CommandType Cmdlet).Name | Where-Object { $_ -notin $cases.Keys } | Should -BeNullOrEmpty
    }

    It 'are told by no cmdlet with <What>' -ForEach @(
        @{ What = 'a password'; Change = @{} ; Works = $true }
        @{ What = 'a wrong password'; Change = @{ OS_PASSWORD = '{Wrong}' } }
        @{ What = 'no service'; Change = @{ OS_AUTH_URL = 'http://127.0.0.1:1/v3' } }
        @{ What = 'an application credential'; Change = @{ OS_CLOUD = 'good' }; Works = $true }
        @{ What = 'a wrong application credential'; Change = @{ OS_CLOUD = 'bad' } }
        @{ What = 'a broken clouds.yaml'; Change = @{ OS_CLOUD = 'good'; Broken = $true } }
    ) {
        if ($Change.OS_CLOUD) {
            $clouds = Join-Path $node.Folder clouds.yaml
            $text = foreach ($entry in @{ good = $secrets.Credential; bad = $secrets.Wrong }.GetEnumerator()) {
                "  $($entry.Key): {auth_type: v3applicationcredential, region_name: RegionOne, auth: {auth_url: '$($lab.OS_AUTH_URL)', application_credential_id: $credentialId, application_credential_secret: $($entry.Value)}}"
            }
            Set-Content $clouds "clouds:`n$($text -join "`n")$(if ($Change.Broken) { "`n  x: [" })"
            Use-LabEnvironment @{ OS_CLIENT_CONFIG_FILE = $clouds; OS_CLOUD = $Change.OS_CLOUD }
        } else {
            $environment = @{
                OS_AUTH_URL = $lab.OS_AUTH_URL; OS_USERNAME = $userName; OS_PASSWORD = $secrets.Password; OS_PROJECT_NAME = 'demo'
                OS_USER_DOMAIN_ID = 'default'; OS_PROJECT_DOMAIN_ID = 'default'; OS_REGION_NAME = 'RegionOne'
            }
            foreach ($entry in $Change.GetEnumerator()) { $environment[$entry.Key] = $entry.Value.Replace('{Wrong}', $secrets.Wrong) }
            Use-LabEnvironment $environment
        }

        foreach ($case in $cases.GetEnumerator()) {
            Search-Cmdlet -Cmdlet $case.Key -Script $case.Value -What $What | Should -BeNullOrEmpty
            if ($Works -and $case.Key -eq 'Invoke-ImageFetch') { (Get-BaseImage @cache).Id | Should -Be $imageId }
        }
    }

    It 'of a URI are told by no stream, error or file' {
        $query = "?X-Amz-Signature=$($secrets.Query)"
        foreach ($uri in "http://marked:$($secrets.UserInfo)@127.0.0.1:1/image$query", "ftp://marked:$($secrets.UserInfo)@h/x$query", "http://marked:$($secrets.UserInfo)@:x/$query") {
            foreach ($checksum in "sha256:$('0' * 64)", $uri) {
                $with = $cache + @{ Uri = $uri; Checksum = $checksum }
                Search-Cmdlet -Cmdlet Invoke-ImageFetch -Script { param($with) Invoke-ImageFetch @with -Confirm:$false } -What 'a URI' -With $with | Should -BeNullOrEmpty
            }
        }
    }
}
