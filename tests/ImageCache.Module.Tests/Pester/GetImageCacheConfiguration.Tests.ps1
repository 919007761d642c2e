BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Clear-CloudEnvironment
    Import-TestModule
}

Describe 'Get-ImageCacheConfiguration' {
    BeforeEach {
        $node = New-TestNode
        $cache = @{ ConfigurationPath = $node.ConfigurationPath }
    }

    AfterEach {
        Clear-CloudEnvironment
        Remove-Item $node.Folder -Recurse -Force
    }

    It 'lists every setting with its value, source and meaning' {
        $settings = Get-ImageCacheConfiguration @cache
        $settings.Count | Should -BeGreaterThan 10
        $settings | Should -BeOfType ImageCache.EffectiveSetting
        $settings | Where-Object { -not $_.Name -or -not $_.Description } | Should -BeNullOrEmpty
    }

    It 'filters by pattern' {
        $names = (Get-ImageCacheConfiguration @cache -Name '*_TIMEOUT').Name
        $names | Should -Contain 'idle_timeout'
        $names | Where-Object { $_ -notlike '*_timeout' } | Should -BeNullOrEmpty
    }

    It 'knows that <Source> gave the value' -ForEach @(
        @{ Source = 'Default'; Origin = '' }
        @{ Source = 'ConfigurationFile'; Origin = '*imagecache.yaml*' }
        @{ Source = 'Environment'; Origin = '*IMAGECACHE_IDLE_TIMEOUT*' }
    ) {
        if ($Source -ne 'Default') { Add-Content $node.ConfigurationPath 'idle_timeout: 7' }
        if ($Source -eq 'Environment') { $env:IMAGECACHE_IDLE_TIMEOUT = '9' }
        $setting = Get-ImageCacheConfiguration @cache -Name idle_timeout
        $setting.Source | Should -Be $Source
        "$($setting.Origin)" | Should -BeLike $Origin
    }

    It 'knows that nova.conf gave the cache, and that a parameter wins' {
        $setting = Get-ImageCacheConfiguration @cache -Name cache_path
        $setting.Value | Should -Be $node.CachePath
        $setting.Source | Should -Be 'NovaConf'
        (Get-ImageCacheConfiguration @cache -Name cache_path -CachePath $node.Folder).Source | Should -Be 'Parameter'
    }

    It 'counts a relative -ConfigurationPath from PowerShell''s location' {
        Push-Location $node.Folder
        try {
            (Get-ImageCacheConfiguration -ConfigurationPath ./imagecache.yaml -Name cache_path).Value | Should -Be $node.CachePath
        } finally {
            Pop-Location
        }
    }

    It 'tells of a setting that there is not' {
        Get-ImageCacheConfiguration @cache -Name nope, cache_path -ErrorAction SilentlyContinue -ErrorVariable failed | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -Be 'InvalidReference,ImageCache.Module.Commands.GetImageCacheConfigurationCommand'
        $failed[0].TargetObject | Should -Be 'nope'
    }

    It 'names file, line and key of what is wrong' {
        Add-Content $node.ConfigurationPath 'idel_timeout: 7'
        $caught = try { Get-ImageCacheConfiguration @cache } catch [ImageCache.InvalidInputException] { $_ }
        $caught.FullyQualifiedErrorId | Should -Be 'ConfigurationInvalid,ImageCache.Module.Commands.GetImageCacheConfigurationCommand'
        $caught.TargetObject | Should -Be $node.ConfigurationPath
        $caught.Exception.Message | Should -BeLike '*imagecache.yaml*2*idel_timeout*'
    }

    It 'refuses a path that is no file' {
        { Get-ImageCacheConfiguration -ConfigurationPath Env:/HOME } |
            Should -Throw -ErrorId 'InvalidReference,ImageCache.Module.Commands.GetImageCacheConfigurationCommand'
        { Get-ImageCacheConfiguration -CachePath NoSuchDrive:/x } |
            Should -Throw -ErrorId 'InvalidReference,ImageCache.Module.Commands.GetImageCacheConfigurationCommand'
    }
}
