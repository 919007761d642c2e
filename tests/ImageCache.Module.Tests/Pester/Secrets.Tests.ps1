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
        'Find-BaseImage'               = { param($with) Find-BaseImage @with -Name marked* }
        'Invoke-ImageFetch'            = { param($with) Invoke-ImageFetch @with $imageId -Confirm:$false }
        'Get-BaseImage'                = { param($with) Get-BaseImage @with }
        'Get-ImageCacheConfiguration'  = { param($with) Get-ImageCacheConfiguration @with }
        'Initialize-ImageCache'        = { param($with) Initialize-ImageCache @with -Confirm:$false }
        'Get-ImagePopularity'          = { param($with) Get-ImagePopularity @with }
        'Invoke-ImagePrecache'         = { param($with) Invoke-ImagePrecache @with $imageId -Confirm:$false }
        'Invoke-ImageCacheMaintenance' = { param($with) Invoke-ImageCacheMaintenance @with -Confirm:$false }
        'Test-BaseImage'               = { param($with) Test-BaseImage @with -Online }
        'Test-ImageCacheNode'          = { param($with) Test-ImageCacheNode @with $imageId -Online }
        'Test-ImageSignature'          = { param($with) Test-ImageSignature @with $imageId }
        'New-InstanceDisk'             = {
            param($with)
            New-InstanceDisk @with $imageId -InstanceId ([guid]::NewGuid()) -CreateDirectory -Format Raw -Confirm:$false
            New-InstanceDisk @with $imageId -InstanceId ([guid]::NewGuid()) -Flavor marked -Confirm:$false
        }
        'Register-CriticalImage'       = { param($with) Register-CriticalImage @with $imageId -Confirm:$false }
        'Get-CriticalImage'            = { param($with) Get-CriticalImage @with }
        'Sync-CriticalImage'           = { param($with) Sync-CriticalImage @with -Verify -Confirm:$false }
        'Unregister-CriticalImage'     = { param($with) Unregister-CriticalImage @with $imageId -Confirm:$false }
        'Remove-UnusedBaseImage'       = { param($with) Remove-UnusedBaseImage @with -MinimumAge 30.00:00:00 -Confirm:$false }
        'Remove-BaseImage'             = { param($with) Remove-BaseImage @with $imageId -Confirm:$false }
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
            if ($at -ge 0) {
                $start = [Math]::Max(0, $at - 150)
                "$name is in ${Where}: $($Text.Substring($start, [Math]::Min(300, $Text.Length - $start)))"
            }
        }

        if ($Text -match 'gAAAAA[\w-]{40,}') { "a token is in $Where" }
    }

    function Find-SecretInFile {
        param([string] $Folder)
        foreach ($file in Get-ChildItem $Folder -Recurse -File -Force) {
            Find-Secret $file.FullName ([Text.Encoding]::Latin1.GetString([IO.File]::ReadAllBytes($file.FullName)))
        }
    }

    # All that a cmdlet says and leaves; nothing when it is clean.
    function Search-Cmdlet {
        param([string] $Cmdlet, [scriptblock] $Script, [string] $What, [hashtable] $With = $cache)
        $text = foreach ($output in Get-AllText -Script $Script -With $With) {
            if ($output -is [string]) { $output; continue }
            $output | Format-List * -Force | Out-String -Width 4096
            $output | ConvertTo-Json -Depth 6 -WarningAction Ignore
        }

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
        $json = [Text.Encoding]::UTF8.GetBytes(($body | ConvertTo-Json -Depth 9))
        $answer = Invoke-WebRequest "$($lab.OS_AUTH_URL)/auth/tokens" -Method Post -ContentType 'application/json' -Body $json
        "$($answer.Headers.'X-Subject-Token')"
    }

    $lab = Get-LabEnvironment
    if ($lab) {
        $admin = Get-Token $lab.OS_USERNAME, $lab.OS_PASSWORD, $lab.OS_PROJECT_NAME
        $userName = "marked-$([guid]::NewGuid().ToString('n'))"
        $user = @{ user = @{ name = $userName; password = $secrets.Password; domain_id = 'default' } }
        $userId = (Invoke-Keystone -Method Post -Path /users -Token $admin -Body $user).user.id
        $project = (Invoke-Keystone -Method Get -Path '/projects?name=demo' -Token $admin).projects[0].id
        $role = (Invoke-Keystone -Method Get -Path '/roles?name=member' -Token $admin).roles[0].id
        $null = Invoke-Keystone -Method Put -Path "/projects/$project/users/$userId/roles/$role" -Token $admin
        $token = Get-Token $userName, $secrets.Password, 'demo'
        $credential = @{ application_credential = @{ name = $userName; secret = $secrets.Credential; roles = @(@{ id = $role }) } }
        $made = Invoke-Keystone -Method Post -Path "/users/$userId/application_credentials" -Token $token -Body $credential
        $credentialId = $made.application_credential.id
        $folder = Join-Path ([IO.Path]::GetTempPath()) "imagecache-test-$([guid]::NewGuid().ToString('n'))"
        $null = New-Item -ItemType Directory $folder
        $source = New-TestImage $folder -Name marked.raw
        Use-LabEnvironment $lab
        $imageId = & (Join-Path (Get-RepositoryRoot) 'tests/lab/upload') --visibility public --format raw $source.Path
    }
}

AfterAll {
    if ($lab) {
        $catalog = (Invoke-Keystone -Method Get -Path '/auth/catalog' -Token $admin).catalog
        $glance = $catalog.Where{ $_.type -eq 'image' }[0].endpoints[0].url
        $null = Invoke-RestMethod "$glance/v2/images/$imageId" -Method Delete -Headers @{ 'X-Auth-Token' = $admin }
        # Keystone on SQLite leaves roles of a credential behind when only its user is deleted, and then makes no more credentials.
        if ($credentialId) {
            $null = Invoke-Keystone -Method Delete -Path "/users/$userId/application_credentials/$credentialId" -Token $token
        }

        $null = Invoke-Keystone -Method Delete -Path "/users/$userId" -Token $admin
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
                "  $($entry.Key): {auth_type: v3applicationcredential, region_name: RegionOne, auth: {auth_url: '$($lab.OS_AUTH_URL)',"
                "    application_credential_id: $credentialId, application_credential_secret: $($entry.Value)}}"
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
        $user = "marked:$($secrets.UserInfo)"
        foreach ($uri in "http://${user}@127.0.0.1:1/image$query", "ftp://${user}@h/x$query", "http://${user}@:x/$query") {
            foreach ($checksum in "sha256:$('0' * 64)", $uri) {
                $with = $cache + @{ Uri = $uri; Checksum = $checksum }
                $fetch = { param($with) Invoke-ImageFetch @with -Confirm:$false }
                Search-Cmdlet -Cmdlet Invoke-ImageFetch -Script $fetch -What 'a URI' -With $with | Should -BeNullOrEmpty
            }
        }
    }
}
