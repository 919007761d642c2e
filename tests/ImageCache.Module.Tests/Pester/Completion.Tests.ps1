BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Clear-CloudEnvironment
    Import-TestModule
    $node = New-TestNode
    $cache = @{ ConfigurationPath = $node.ConfigurationPath }
    $userCache = $env:XDG_CACHE_HOME
    $env:XDG_CACHE_HOME = Join-Path $node.Folder 'user-cache'
    $fetched = 'alpha.raw', 'two words.raw', 'it''s $5.raw' | ForEach-Object {
        $image = New-TestImage $node.Folder -Name $_ -Size 64KB
        Invoke-ImageFetch @cache -Uri $image.Uri -Checksum $image.Checksum
    }

    function Get-Completion {
        param([string] $Line)
        $whole = $Line.Replace('%c', "-ConfigurationPath $($node.ConfigurationPath)")
        (TabExpansion2 $whole $whole.Length).CompletionMatches
    }
}

AfterAll {
    $env:XDG_CACHE_HOME = $userCache
    Remove-Item $node.Folder -Recurse -Force
}

Describe 'Completion' {
    It 'completes an image from the beginning of its name, inserting the id' {
        $match = Get-Completion 'Get-BaseImage %c -ImageId alp'
        $match | Should -HaveCount 1
        $match.CompletionText | Should -Be $fetched[0].Id
        $match.ListItemText | Should -Be 'alpha.raw'
        $match.ToolTip | Should -Be 'alpha.raw, active, 64 KiB'
    }

    It 'completes an image from the beginning of its id' {
        (Get-Completion "Remove-BaseImage %c $($fetched[1].Id.Substring(0, 20))").ListItemText | Should -Be 'two words.raw'
    }

    It 'offers all images for nothing typed' {
        Get-Completion 'Invoke-ImageFetch %c ' | Should -HaveCount 3
    }

    It 'quotes a name where it must, and as the user began' {
        (Get-Completion 'Get-BaseImage %c -Name two').CompletionText | Should -Be "'two words.raw'"
        (Get-Completion 'Get-BaseImage %c -Name "two').CompletionText | Should -Be '"two words.raw"'
        (Get-Completion 'Get-BaseImage %c -Name alp').CompletionText | Should -Be 'alpha.raw'
        (Get-Completion 'Get-BaseImage %c -Name it').CompletionText | Should -Be "'it''s `$5.raw'"
        (Get-Completion 'Get-BaseImage %c -Name "it').CompletionText | Should -Be '"it''s `$5.raw"'
    }

    It 'writes what the parser reads back as the name' {
        foreach ($beginning in 'it', '"it', "'it") {
            $text = (Get-Completion "Get-BaseImage %c -Name $beginning").CompletionText
            & ([scriptblock]::Create("Write-Output $text")) | Should -Be "it's `$5.raw"
        }
    }

    It 'completes the second of a list' {
        (Get-Completion 'Get-BaseImage %c -Name alpha.raw,two').CompletionText | Should -Be "'two words.raw'"
    }

    It 'completes clouds from clouds.yaml' {
        $env:OS_CLIENT_CONFIG_FILE = Join-Path $node.Folder 'clouds.yaml'
        Set-Content $env:OS_CLIENT_CONFIG_FILE "clouds:`n  site-a: {auth: {auth_url: 'http://a/v3'}}`n  site-b: {auth: {auth_url: 'http://b/v3'}}`n  other: {}"
        try {
            (Get-Completion 'Find-BaseImage %c -Cloud si').CompletionText | Should -Be @('site-a', 'site-b')
        } finally {
            Remove-Item Env:OS_CLIENT_CONFIG_FILE
        }
    }

    It 'completes methods' {
        (Get-Completion 'Invoke-ImageFetch x -Method ').CompletionText | Should -Be @('Auto', 'Download', 'RbdExport', 'VolumeLink')
    }

    It 'says nothing and offers nothing when the configuration cannot be read' {
        $errorsBefore = $Error.Count
        $line = 'Get-BaseImage -ConfigurationPath /no/such/file -ImageId a'
        $matching = (TabExpansion2 $line $line.Length).CompletionMatches | Where-Object ResultType -EQ 'ParameterValue'
        $matching | Should -BeNullOrEmpty
        $Error.Count | Should -Be $errorsBefore
    }
}
